// The storage account: everything that Modeldrop keeps. Shared keys are off; containers and roles are made here,
// tables and queues by the app and by Durable Functions.
import { tagMap } from '../types.bicep'

param name string
param location string
param tags tagMap

param softDeleteDays int

@description('The app. Its roles are named by the name of its identity, which is known before anything is deployed.')
param appIdentityName string

param appPrincipalId string

@description('Who may upload to the drop container; empty: nobody else.')
param dropperPrincipalId string

param dropperPrincipalType string

// The names of shared/Storage/BlobContainers.cs; a test holds the two together.
var containerNames = [
  'drop'
  'models'
  'staging'
  'predictions'
  'datasets'
  'batch'
]

var deploymentContainerName = 'deployments'

var roles = {
  blobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  queueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fbe8'
  tableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}

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

// Owner, not Contributor: the Functions host and Durable Functions take leases and create containers of their own.
// It covers the deployment container too.
resource appRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [
    roles.blobDataOwner
    roles.queueDataContributor
    roles.tableDataContributor
  ]: {
    name: guid(account.id, appIdentityName, role)
    scope: account
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

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
