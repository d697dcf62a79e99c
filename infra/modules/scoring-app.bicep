// A fleet that only scores, beside the function app and on its storage account: standalone/ as a container app with Roles=scoring.
// It costs nothing without requests. Its own identity may read versions and write the log, but not change a version.
import { tagMap } from '../types.bicep'

param name string
param environmentName string
param identityName string
param location string

@description('Origins, separated by commas; empty: none.')
param corsOrigins string

param tags tagMap
param storageAccountName string
param logWorkspaceId string

@description('Subnet that the fleet reaches the storage account from; empty: the public network.')
param subnetId string

@description('Image of the Dockerfile, with registry and tag.')
param image string

@description('Name of an Azure container registry in this resource group; empty: the image is public.')
param registryName string

@description('Cores of a replica; each comes with 2 GiB.')
param cores int

param maximumReplicas int

@description('Requests per second above which another replica is started.')
param requestsPerSecond int

// As in the Dockerfile; a test compares the two.
var port = 8080
var probePaths = {
  live: '/v2/health/live'
  ready: '/v2/health/ready'
}

var roles = {
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
  blobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  tableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}

var privateRegistry = !empty(registryName)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: identityName
  location: location
  tags: tags
}

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageAccountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource models 'containers' existing = {
      name: 'models'
    }

    resource predictions 'containers' existing = {
      name: 'predictions'
    }
  }
}

resource readModels 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::models.id, identityName, roles.blobDataReader)
  scope: account::blobs::models
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobDataReader)
  }
}

// Packs of the log that do not fit into an entity.
resource writePredictions 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::predictions.id, identityName, roles.blobDataContributor)
  scope: account::blobs::predictions
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobDataContributor)
  }
}

// The fleet reads the registry, and writes the log and the counts of rollouts. The app creates the tables, so the role is on the account.
resource useTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, identityName, roles.tableDataContributor)
  scope: account
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.tableDataContributor)
  }
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = if (privateRegistry) {
  name: registryName
}

resource pullImage 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (privateRegistry) {
  name: guid(resourceGroup().id, registryName, identityName, roles.acrPull)
  scope: registry
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.acrPull)
  }
}

// A diagnostic setting sends the logs: the alternative needs the workspace's shared key, which is disabled.
resource environment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: environmentName
  location: location
  tags: tags
  properties: {
    appLogsConfiguration: {
      destination: 'azure-monitor'
    }
    vnetConfiguration: empty(subnetId)
      ? null
      : {
          infrastructureSubnetId: subnetId
        }
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
    ]
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: environment
  properties: {
    workspaceId: logWorkspaceId
    logs: [
      {
        category: 'ContainerAppConsoleLogs'
        enabled: true
      }
      {
        category: 'ContainerAppSystemLogs'
        enabled: true
      }
    ]
  }
}

resource app 'Microsoft.App/containerApps@2025-01-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: {
        external: true
        targetPort: port
        allowInsecure: false
      }
      registries: privateRegistry
        ? [
            {
              server: registry!.properties.loginServer
              identity: identity.id
            }
          ]
        : []
    }
    template: {
      // Before it stops, a process writes the prediction log, within 30 seconds.
      terminationGracePeriodSeconds: 45
      containers: [
        {
          name: 'scoring'
          image: image
          resources: {
            cpu: cores
            memory: '${cores * 2}Gi'
          }
          env: [
            {
              name: 'Roles'
              value: 'scoring'
            }
            {
              name: 'Host__CorsOrigins'
              value: corsOrigins
            }
            {
              name: 'ASPNETCORE_URLS'
              value: 'http://+:${port}'
            }
            {
              name: 'AzureWebJobsStorage__accountName'
              value: account.name
            }
            {
              name: 'AzureWebJobsStorage__credential'
              value: 'managedidentity'
            }
            {
              name: 'AzureWebJobsStorage__clientId'
              value: identity.properties.clientId
            }
          ]
          probes: [
            {
              type: 'Startup'
              httpGet: {
                path: probePaths.live
                port: port
              }
              periodSeconds: 1
              failureThreshold: 60
            }
            {
              type: 'Liveness'
              httpGet: {
                path: probePaths.live
                port: port
              }
              periodSeconds: 10
              failureThreshold: 3
            }
            {
              type: 'Readiness'
              httpGet: {
                path: probePaths.ready
                port: port
              }
              periodSeconds: 2
              failureThreshold: 3
            }
          ]
        }
      ]
      scale: {
        minReplicas: 0
        maxReplicas: maximumReplicas
        rules: [
          {
            name: 'http'
            http: {
              metadata: {
                // The platform's name for it; it counts requests of 15 seconds and divides by 15.
                concurrentRequests: string(requestsPerSecond)
              }
            }
          }
        ]
      }
    }
  }
  dependsOn: [
    readModels
    writePredictions
    useTables
    pullImage
  ]
}

output url string = 'https://${app.properties.configuration.ingress.fqdn}'
