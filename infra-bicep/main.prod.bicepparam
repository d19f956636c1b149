using 'main.bicep'

param environmentName = 'prod'
param storageSku = 'Standard_GZRS'
param instanceMemoryMB = 2048
param maximumInstanceCount = 100
param softDeleteDays = 30
param logRetentionDays = 90
param logDailyQuotaGb = 5
param tracesPerSecond = '0.5'
param alertEmail = readEnvironmentVariable('ALERT_EMAIL')
param uploadersGroupId = readEnvironmentVariable('UPLOADERS_GROUP_ID', '')
