// Modeldrop in Azure: a Flex Consumption function app, a storage account, and what watches them.
// No account key is in any setting: every access is by the app's own identity.
// The Event Grid subscription is in drop-subscription.bicep: it needs a key that exists only after the code is deployed.
targetScope = 'subscription'

import { tagMap } from 'types.bicep'

@description('Name of the azd environment; every resource carries it as a tag.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region of every resource. Flex Consumption must be offered there.')
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@description('Who may upload to the drop container; empty: nobody but the app.')
param dropperPrincipalId string = ''

@description('What kind of identity dropperPrincipalId is.')
@allowed([
  'User'
  'Group'
  'ServicePrincipal'
])
param dropperPrincipalType string = 'User'

@description('Memory of an instance in MB. 2,048 MB come with one core.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('How many instances the platform may start.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Requests that one instance scores at the same time before another instance is started.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 16

@description('Instances kept running for HTTP; 0 costs nothing while idle and starts cold.')
@minValue(0)
param alwaysReadyHttp int = 0

@description('Instances kept running for orchestrations; 0 lets a timer wait up to maxQueuePollingInterval longer.')
@minValue(0)
param alwaysReadyDurable int = 0

@description('How many days deleted blobs and containers can be brought back.')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 7

@description('How many days logs and telemetry are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Further tags for every resource.')
param tags tagMap = {}

var token = toLower(uniqueString(subscription().id, environmentName, location))
var identityName = 'id-modeldrop-${token}'
var allTags = union(tags, {
  'azd-env-name': environmentName
})

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: allTags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: identityName
    location: location
    tags: allTags
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: 'stmodeldrop${token}'
    location: location
    tags: allTags
    softDeleteDays: softDeleteDays
    appIdentityName: identityName
    appPrincipalId: identity.outputs.principalId
    dropperPrincipalId: dropperPrincipalId
    dropperPrincipalType: dropperPrincipalType
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    token: token
    location: location
    tags: allTags
    logRetentionDays: logRetentionDays
    appIdentityName: identityName
    appPrincipalId: identity.outputs.principalId
  }
}

module app 'modules/function-app.bicep' = {
  scope: group
  params: {
    name: 'func-modeldrop-${token}'
    planName: 'plan-modeldrop-${token}'
    location: location
    tags: allTags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    deploymentContainerUri: storage.outputs.deploymentContainerUri
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    httpConcurrency: httpConcurrency
    alwaysReadyHttp: alwaysReadyHttp
    alwaysReadyDurable: alwaysReadyDurable
  }
}

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output MODELDROP_APP_NAME string = app.outputs.name
output MODELDROP_URL string = app.outputs.url
output MODELDROP_STORAGE_ACCOUNT string = storage.outputs.name
output MODELDROP_TOPIC_NAME string = storage.outputs.topicName

@description('Read by the build: functions/Functions.csproj takes the packages of the real host.')
output FunctionsHost string = 'azure'
