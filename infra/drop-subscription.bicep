// Notifies the app of every file that arrives in the drop container. Deployed after the code (hooks/subscribe-drops.sh):
// the blob extension makes the key in the address when the host first loads the functions.
@description('The function app.')
param appName string

@description('The Event Grid system topic of the storage account.')
param topicName string

@description('The container of drops, as in the app setting Storage__DropContainer.')
param container string = 'drop'

// As in functions/Lifecycle; a test compares the two.
var functionName = 'DropArrived'

resource app 'Microsoft.Web/sites@2024-11-01' existing = {
  name: appName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource drops 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'drops'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: 'https://${app.properties.defaultHostName}/runtime/webhooks/blobs?functionName=Host.Functions.${functionName}&code=${listKeys('${app.id}/host/default', app.apiVersion).systemKeys.blobs_extension}'
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    filter: {
      includedEventTypes: [
        'Microsoft.Storage.BlobCreated'
      ]
      subjectBeginsWith: '/blobServices/default/containers/${container}/blobs/'
      // Not the app's own answers beside a drop, nor the mark that completes one: a drop that waits looks for the mark itself.
      advancedFilters: [
        {
          operatorType: 'StringNotEndsWith'
          key: 'subject'
          values: [
            '/rejected.json'
            '/_READY'
          ]
        }
      ]
    }
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
  }
}
