// The baseline that a capable engineer writes by hand for one model: a minimal API, typed DTOs with source-generated serialisation, one
// shared InferenceSession with one thread per request. No log, no versions, no validation beyond the types.
// Usage: Modeldrop.Baseline digits|flights <model.onnx> <url>, or: fixed <answer bytes> <url>.
using Modeldrop.Baseline;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, InferJson.Default));
builder.WebHost.UseUrls(args[2]);
WebApplication app = builder.Build();

string route = $"/v2/models/{args[0]}/infer";
using DigitsModel? digits = args[0] == "digits" ? new DigitsModel(args[1]) : null;
using FlightsModel? flights = args[0] == "flights" ? new FlightsModel(args[1]) : null;
if (digits is not null)
{
    app.MapPost(route, (DigitsRequest request) => digits.Score(request));
}
else if (flights is not null)
{
    app.MapPost(route, (FlightsRequest request) => flights.Score(request));
}
else
{
    FixedAnswer.Map(app, int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture));
}

await app.RunAsync();
