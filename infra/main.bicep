// Modeldrop in Azure: a Flex Consumption function app, a storage account, and their monitoring; on request also a fleet that only scores.
// No setting contains an account key: the app accesses everything by its own identity.
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

@description('The kind of identity of dropperPrincipalId.')
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

@description('Maximum number of instances.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Requests that one instance scores at the same time before another instance is started.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 16

@description('Instances kept running for HTTP; with 0, an idle app costs nothing and starts cold.')
@minValue(0)
param alwaysReadyHttp int = 0

@description('Instances kept running for orchestrations; with 0, a timer may fire up to maxQueuePollingInterval late.')
@minValue(0)
param alwaysReadyDurable int = 0

@description('Image of the Dockerfile, such as myregistry.azurecr.io/modeldrop:0.1.0: a fleet that only scores. Empty: none.')
param scoringImage string = ''

@description('Name of an Azure container registry in the resource group that the image comes from; empty: it is public.')
param scoringRegistryName string = ''

@description('Cores of a scoring replica; each comes with 2 GiB.')
@allowed([
  1
  2
])
param scoringCores int = 1

@description('Maximum number of scoring replicas; without requests there are none.')
@minValue(1)
@maxValue(1000)
param scoringMaximumReplicas int = 10

@description('Requests per second that one scoring replica takes before another is started.')
@minValue(1)
param scoringRequestsPerSecond int = 1000

@description('Client id of an app registration in Entra ID: people sign in with it, and the app accepts tokens for it; empty: keys only.')
param entraClientId string = ''

@description('Roles for app roles and groups of Entra ID: "<app role or group id>=<role> [model:<name>] [tag:<name>=<value>]; ...".')
param entraGrants string = ''

@description('Address of a Key Vault secret with an owner key; the app\'s identity must be allowed to read it. Empty: the app creates a key.')
param ownerKeySecretUri string = ''

@description('Address of a Key Vault key that signs bundles, such as https://name.vault.azure.net/keys/name; empty: they are not signed.')
param signingKeyUri string = ''

@description('Resource group of that key\'s vault, which must use roles: the app then gets the role to sign with the key. Empty: you assign it yourself.')
param signingVaultGroup string = ''

@description('Origins whose pages may call the app, separated by commas, such as https://app.example.com; empty: none.')
param corsOrigins string = ''

@description('Whether the storage account can be reached only through a private network. Drops then come by HTTP, or from within the network.')
param privateNetwork bool = false

@description('Number of days for which deleted blobs and containers can be restored.')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 7

@description('Number of days for which logs and telemetry are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Further tags for every resource.')
param tags tagMap = {}

var token = toLower(uniqueString(subscription().id, environmentName, location))
var identityName = 'id-modeldrop-${token}'
var deployIdentityName = 'id-deploy-${token}'
var storageName = 'stmodeldrop${token}'
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

module deployIdentity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: deployIdentityName
    location: location
    tags: allTags
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: storageName
    location: location
    tags: allTags
    softDeleteDays: softDeleteDays
    appIdentityName: identityName
    appPrincipalId: identity.outputs.principalId
    deployIdentityName: deployIdentityName
    deployPrincipalId: deployIdentity.outputs.principalId
    logWorkspaceId: monitoring.outputs.workspaceId
    privateNetwork: privateNetwork
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

module network 'modules/network.bicep' = if (privateNetwork) {
  scope: group
  params: {
    name: 'vnet-modeldrop-${token}'
    location: location
    tags: allTags
    storageAccountName: storageName
    scoring: !empty(scoringImage)
  }
  dependsOn: [
    storage
  ]
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
    deployIdentityId: deployIdentity.outputs.id
    subnetId: privateNetwork ? network!.outputs.functionsSubnetId : ''
    storageAccountName: storage.outputs.name
    deploymentContainerUri: storage.outputs.deploymentContainerUri
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    httpConcurrency: httpConcurrency
    alwaysReadyHttp: alwaysReadyHttp
    alwaysReadyDurable: alwaysReadyDurable
    corsOrigins: corsOrigins
    entraClientId: entraClientId
    entraGrants: entraGrants
    ownerKeySecretUri: ownerKeySecretUri
    signingKeyUri: signingKeyUri
  }
}

module signing 'modules/signing-key.bicep' = if (!empty(signingKeyUri) && !empty(signingVaultGroup)) {
  scope: resourceGroup(signingVaultGroup)
  params: {
    keyUri: signingKeyUri
    appIdentityName: identityName
    appPrincipalId: identity.outputs.principalId
  }
}

module scoring 'modules/scoring-app.bicep' = if (!empty(scoringImage)) {
  scope: group
  params: {
    name: 'ca-scoring-${token}'
    environmentName: 'cae-modeldrop-${token}'
    identityName: 'id-scoring-${token}'
    location: location
    tags: allTags
    corsOrigins: corsOrigins
    storageAccountName: storageName
    logWorkspaceId: monitoring.outputs.workspaceId
    subnetId: privateNetwork ? network!.outputs.scoringSubnetId : ''
    image: scoringImage
    registryName: scoringRegistryName
    cores: scoringCores
    maximumReplicas: scoringMaximumReplicas
    requestsPerSecond: scoringRequestsPerSecond
  }
  dependsOn: [
    storage
  ]
}

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output MODELDROP_APP_NAME string = app.outputs.name
output MODELDROP_URL string = app.outputs.url
output MODELDROP_STORAGE_ACCOUNT string = storage.outputs.name
output MODELDROP_TOPIC_NAME string = storage.outputs.topicName
output MODELDROP_SCORING_URL string = empty(scoringImage) ? '' : scoring!.outputs.url
