// The storage account: everything that Modeldrop keeps. Shared keys are disabled. This file creates containers, roles and logs;
// the app and Durable Functions create tables and queues.
import { tagMap } from '../types.bicep'

param name string
param location string
param tags tagMap

param softDeleteDays int

@description('The app. The names of its role assignments derive from the name of its identity, which is known before anything is deployed.')
param appIdentityName string

param appPrincipalId string

@description('The identity that deploys the code, named like the app.')
param deployIdentityName string

param deployPrincipalId string

@description('The workspace for the logs of the account.')
param logWorkspaceId string

@description('Whether the account can be reached only through the private network.')
param privateNetwork bool

@description('Who may upload to the drop container; empty: nobody else.')
param dropperPrincipalId string

param dropperPrincipalType string

// The names of shared/Storage/BlobContainers.cs; a test compares the two.
var containerNames = [
  'drop'
  'models'
  'staging'
  'predictions'
  'datasets'
  'batch'
  'artifacts'
]

var deploymentContainerName = 'deployments'

var roles = {
  blobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  queueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fbe8'
  tableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}

var deleteLogs = [
  {
    category: 'StorageDelete'
    enabled: true
  }
]
var changeLogs = concat(deleteLogs, [
  {
    category: 'StorageWrite'
    enabled: true
  }
])

// The actions that a condition can name: all that concern blobs.
var blobActions = [
  'blobs/read'
  'blobs/write'
  'blobs/delete'
  'blobs/add/action'
  'blobs/move/action'
  'blobs/permanentDelete/action'
  'blobs/deleteBlobVersion/action'
  'blobs/filter/action'
  'blobs/tags/read'
  'blobs/tags/write'
  'blobs/manageOwnership/action'
  'blobs/modifyPermissions/action'
  'blobs/runAsSuperUser/action'
]
var containerType = 'Microsoft.Storage/storageAccounts/blobServices/containers'
var notBlobs = join(map(blobActions, action => '!(ActionMatches{\'${containerType}/${action}\'})'), ' AND ')
var notTheCode = '((${notBlobs}) OR (@Resource[${containerType}:name] StringNotEquals \'${deploymentContainerName}\'))'

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: privateNetwork ? 'Deny' : 'Allow'
    }
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: softDeleteDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: softDeleteDays
    }
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = [
  for containerName in containerNames: {
    parent: blobs
    name: containerName
  }
]

resource deploymentContainer 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: deploymentContainerName
}

// Owner, not Contributor: the Functions host and Durable Functions take leases and create containers of their own, so the role
// is on the account. The condition excludes the container of the app's own code: an attacker inside the app cannot replace it.
resource useBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appIdentityName, roles.blobDataOwner)
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobDataOwner)
    conditionVersion: '2.0'
    condition: notTheCode
  }
}

resource useQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appIdentityName, roles.queueDataContributor)
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.queueDataContributor)
  }
}

resource useTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appIdentityName, roles.tableDataContributor)
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.tableDataContributor)
  }
}

// The platform stores and loads the packages with this identity.
resource deployCode 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(deploymentContainer.id, deployIdentityName, roles.blobDataContributor)
  scope: deploymentContainer
  properties: {
    principalId: deployPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobDataContributor)
  }
}

resource drop 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' existing = {
  parent: blobs
  name: 'drop'
}

resource dropperRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(dropperPrincipalId)) {
  name: guid(account.id, 'drop', dropperPrincipalId, roles.blobDataContributor)
  scope: drop
  properties: {
    principalId: dropperPrincipalId
    principalType: dropperPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobDataContributor)
  }
  dependsOn: [
    containers
  ]
}

// Records who dropped and who deleted what. Reads are not logged, nor are the app's constant writes to queues and tables.
resource blobLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'changes'
  scope: blobs
  properties: {
    workspaceId: logWorkspaceId
    logs: changeLogs
  }
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' existing = {
  parent: account
  name: 'default'
}

resource queueLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'changes'
  scope: queues
  properties: {
    workspaceId: logWorkspaceId
    logs: deleteLogs
  }
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2024-01-01' existing = {
  parent: account
  name: 'default'
}

resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'changes'
  scope: tables
  properties: {
    workspaceId: logWorkspaceId
    logs: deleteLogs
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${name}'
  location: location
  tags: tags
  properties: {
    source: account.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

output name string = account.name
output topicName string = topic.name
output deploymentContainerUri string = '${account.properties.primaryEndpoints.blob}${deploymentContainer.name}'
