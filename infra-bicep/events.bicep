// Stage 2, after the code is deployed: only then does the host make the key that opens the blob extension's webhook,
// and only then can it answer Event Grid's validation call.

metadata description = 'The Event Grid subscription that tells the app of each upload.'

@description('The output functionApp of main.bicep.')
param functionApp string

@description('The output topic of main.bicep.')
param topic string

@description('The blob-triggered function.')
param functionName string = 'IngestRelease'

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionApp
}

resource systemTopic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topic
}

var key = listKeys('${app.id}/host/default', '2024-04-01').systemKeys.blobs_extension

resource uploads 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: systemTopic
  name: 'releases'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      subjectBeginsWith: '/blobServices/default/containers/releases/'
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: 'https://${app.properties.defaultHostName}/runtime/webhooks/blobs?functionName=Host.Functions.${functionName}&code=${key}'
      }
    }
  }
}
