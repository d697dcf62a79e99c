#!/bin/sh
# After `azd deploy`: subscribes the app to the drop container. azd sets the variables from the outputs of main.bicep.
# The key of the address is made when the host first loads the functions, so an early try may fail: ten tries, 20 s apart.
set -eu

: "${AZURE_RESOURCE_GROUP:?run by azd, after azd provision}"
: "${MODELDROP_APP_NAME:?run by azd, after azd provision}"
: "${MODELDROP_TOPIC_NAME:?run by azd, after azd provision}"
: "${MODELDROP_URL:?run by azd, after azd provision}"

command -v az >/dev/null 2>&1 || { echo "The Azure CLI (az) is needed to subscribe to the drop container." >&2; exit 1; }
here=$(cd "$(dirname "$0")/.." && pwd)

attempt=1
while :; do
    # Any answer will do: the request starts an instance, which makes the key and answers Event Grid's validation.
    curl --silent --output /dev/null --max-time 60 "$MODELDROP_URL/v2/health/live" || true
    if az deployment group create --only-show-errors --output none \
        --resource-group "$AZURE_RESOURCE_GROUP" --name drop-subscription \
        --template-file "$here/drop-subscription.bicep" \
        --parameters appName="$MODELDROP_APP_NAME" topicName="$MODELDROP_TOPIC_NAME"; then
        break
    fi
    if [ "$attempt" -ge 10 ]; then
        echo "The drop container is not subscribed: run 'azd hooks run postdeploy' when the app answers." >&2
        exit 1
    fi
    attempt=$((attempt + 1))
    echo "Not yet; try $attempt of 10 in 20 s."
    sleep 20
done

echo "Subscribed. Upload a model:"
echo "  az storage blob upload --auth-mode login --account-name ${MODELDROP_STORAGE_ACCOUNT:-<account>} -c drop -n penguins/model.onnx -f samples/penguins/1/model.onnx"
