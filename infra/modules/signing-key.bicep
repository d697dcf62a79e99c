// Lets the app sign with one key of a vault, and read its public part. The vault already exists and must use roles, not access policies.

@description('Address of the key, with or without its version.')
param keyUri string

param appIdentityName string
param appPrincipalId string

var address = split(keyUri, '/')

var roles = {
  keyVaultCryptoUser: '12338af0-0e69-4776-bea7-57ae8d297424'
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: split(address[2], '.')[0]

  resource key 'keys' existing = {
    name: address[4]
  }
}

resource cryptoUser 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault::key.id, appIdentityName, roles.keyVaultCryptoUser)
  scope: vault::key
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultCryptoUser)
  }
}
