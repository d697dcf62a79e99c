// A private network: only the apps reach the storage account through it.
import { tagMap } from '../types.bicep'

param name string
param location string
param tags tagMap
param storageAccountName string

@description('Whether the network has a subnet for the scoring fleet.')
param scoring bool

var addresses = '10.20.0.0/16'
var services = [
  'blob'
  'queue'
  'table'
]

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageAccountName
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addresses
      ]
    }
  }

  // Flex Consumption runs on the platform of container apps, hence the delegation.
  resource functions 'subnets' = {
    name: 'functions'
    properties: {
      addressPrefix: cidrSubnet(addresses, 24, 0)
      delegations: [
        {
          name: 'apps'
          properties: {
            serviceName: 'Microsoft.App/environments'
          }
        }
      ]
    }
  }

  resource endpoints 'subnets' = {
    name: 'endpoints'
    properties: {
      addressPrefix: cidrSubnet(addresses, 24, 1)
    }
    dependsOn: [
      functions
    ]
  }

  resource fleet 'subnets' = if (scoring) {
    name: 'scoring'
    properties: {
      addressPrefix: cidrSubnet(addresses, 24, 2)
      delegations: [
        {
          name: 'apps'
          properties: {
            serviceName: 'Microsoft.App/environments'
          }
        }
      ]
    }
    dependsOn: [
      endpoints
    ]
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for service in services: {
    name: 'privatelink.${service}.${environment().suffixes.storage}'
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (service, index) in services: {
    parent: zones[index]
    name: name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: network.id
      }
    }
  }
]

resource privateEndpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for service in services: {
    name: 'pe-${storageAccountName}-${service}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: network::endpoints.id
      }
      privateLinkServiceConnections: [
        {
          name: service
          properties: {
            privateLinkServiceId: account.id
            groupIds: [
              service
            ]
          }
        }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (service, index) in services: {
    parent: privateEndpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service
          properties: {
            privateDnsZoneId: zones[index].id
          }
        }
      ]
    }
  }
]

output functionsSubnetId string = network::functions.id
output scoringSubnetId string = scoring ? network::fleet.id : ''
