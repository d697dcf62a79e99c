// The function app on Flex Consumption: Linux, .NET 10 isolated, deployed from a container of our own account.
import { tagMap } from '../types.bicep'

param name string
param planName string
param location string
param tags tagMap
param identityId string
param identityClientId string

@description('The identity that reads and writes the packages of the code, and nothing else.')
param deployIdentityId string

@description('Subnet that the app reaches the storage account from; empty: the public network.')
param subnetId string

param storageAccountName string
param deploymentContainerUri string
param applicationInsightsConnectionString string
param instanceMemoryMB int
param maximumInstanceCount int
param httpConcurrency int
param alwaysReadyHttp int
param alwaysReadyDurable int

@description('Origins, separated by commas; empty: none.')
param corsOrigins string

@description('Client id of the app registration; empty: no Entra ID.')
param entraClientId string

@description('Roles for app roles and groups.')
param entraGrants string

@description('Address of the secret with the owner key; empty: none.')
param ownerKeySecretUri string

@description('Address of the key that signs bundles; empty: none.')
param signingKeyUri string

var entraAuthority = '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'

var entraSettings = empty(entraClientId)
  ? {}
  : {
      Access__Entra__Authority: entraAuthority
      Access__Entra__Audience: entraClientId
      Access__Entra__Grants: entraGrants
    }

// A reference: no setting contains the secret itself.
var ownerSettings = empty(ownerKeySecretUri)
  ? {}
  : {
      Access__OwnerKey: '@Microsoft.KeyVault(SecretUri=${ownerKeySecretUri})'
    }

// The key stays in its vault, which signs.
var signingSettings = empty(signingKeyUri)
  ? {}
  : {
      Signing__KeyVaultKey: signingKeyUri
    }

var alwaysReady = [
  {
    name: 'http'
    instanceCount: alwaysReadyHttp
  }
  {
    name: 'durable'
    instanceCount: alwaysReadyDurable
  }
]

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: union(tags, {
    'azd-service-name': 'functions'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
      '${deployIdentityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUri
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: deployIdentityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: filter(alwaysReady, group => group.instanceCount > 0)
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
    }
    siteConfig: {
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      cors: empty(corsOrigins) ? null : { allowedOrigins: split(corsOrigins, ',') }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(entraSettings, ownerSettings, signingSettings, {
      // Flex Consumption takes runtime and version from functionAppConfig; these are the host's and the product's.
      AzureWebJobsStorage__accountName: storageAccountName
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityClientId
      // The trigger of drops uses it; drop-subscription.bicep names the same container.
      Storage__DropContainer: 'drop'
      // The product serves the catalogue page on /.
      AzureWebJobsDisableHomepage: 'true'
      APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    })
  }

  // Signs people in by redirect and keeps their sessions. Requests with keys, and probes, do not sign in: the app checks them itself.
  resource authentication 'config' = if (!empty(entraClientId)) {
    name: 'authsettingsV2'
    properties: {
      platform: {
        enabled: true
      }
      globalValidation: {
        unauthenticatedClientAction: 'AllowAnonymous'
      }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: entraClientId
            openIdIssuer: entraAuthority
          }
          validation: {
            allowedAudiences: [
              entraClientId
              'api://${entraClientId}'
            ]
          }
        }
      }
    }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
