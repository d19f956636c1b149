// Who hears of what: releases that end without being published, uploads that were given up, events that never arrived.

metadata description = 'Alerts on failed releases, poison messages and dropped events.'

param name string
param location string
param tags object
param email string
param workspaceId string
param storageName string
param topicId string

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' existing = {
  parent: storage
  name: 'default'
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'pipeline'
    emailReceivers: [{ name: 'operations', emailAddress: email, useCommonAlertSchema: true }]
  }
}

// A queue has no metric of its own, so a poison message is seen in the log of the writes to the queues.
resource queueWrites 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'queue-writes'
  scope: queues
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageWrite', enabled: true }]
  }
}

var logAlerts = [
  {
    name: 'failed-release'
    title: 'A release was rejected or failed'
    // The app logs "Release {Release} rejected: …" (Warning) and "Release {Release} failed …" (Error); with an exception, it is in AppExceptions.
    query: '''
      union
        (AppTraces | where SeverityLevel >= 2 and Message startswith "Release " and (Message has "rejected" or Message has "failed")),
        (AppExceptions | where SeverityLevel >= 2 and isnotempty(tostring(Properties.Release)))
      | extend Release = tostring(Properties.Release)
    '''
    dimensions: [{ name: 'Release', operator: 'Include', values: ['*'] }]
    severity: 2
  }
  {
    name: 'poison-message'
    title: 'An upload failed five times and was given up'
    query: '''
      StorageQueueLogs
      | where OperationName == "PutMessage" and toint(StatusCode) < 300 and Uri contains "/webjobs-blobtrigger-poison/"
    '''
    dimensions: []
    severity: 1
  }
]

resource logAlert 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in logAlerts: {
    name: '${name}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.title
      severity: alert.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT10M'
      windowSize: 'PT10M'
      // The tables exist only once something has been logged to them.
      skipQueryValidation: true
      // Each occurrence matters by itself: ten quiet minutes do not resolve it.
      autoMitigate: false
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: alert.dimensions
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]

// An event that could not be delivered for a day is dropped, and with it the notice of an upload.
resource droppedEvents 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-dropped-event'
  location: 'global'
  tags: tags
  properties: {
    description: 'Event Grid gave up telling the app of an upload'
    severity: 1
    enabled: true
    scopes: [topicId]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT15M'
    autoMitigate: false
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'dropped'
          metricNamespace: 'Microsoft.EventGrid/systemTopics'
          metricName: 'DroppedEventCount'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: [{ actionGroupId: people.id }]
  }
}
