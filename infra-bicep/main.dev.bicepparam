using 'main.bicep'

param environmentName = 'dev'
param storageSku = 'Standard_LRS'
param instanceMemoryMB = 2048
param maximumInstanceCount = 40
param softDeleteDays = 7
param logRetentionDays = 30
param logDailyQuotaGb = 1
param tracesPerSecond = '5'
param alertEmail = readEnvironmentVariable('ALERT_EMAIL')
param uploadersGroupId = readEnvironmentVariable('UPLOADERS_GROUP_ID', '')
