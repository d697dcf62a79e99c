namespace Modeldrop.Baseline;

/// <summary>Reads the body and writes a fixed number of bytes: the cost of the web server alone.</summary>
internal static class FixedAnswer
{
    public static void Map(WebApplication app, int bytes)
    {
        byte[] answer = new byte[bytes];
        Array.Fill(answer, (byte)' ');
        app.MapPost("/v2/models/{model}/infer", async (HttpContext http) =>
        {
            while (true)
            {
                var read = await http.Request.BodyReader.ReadAsync(http.RequestAborted);
                http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }

            http.Response.ContentType = "application/json";
            http.Response.ContentLength = answer.Length;
            await http.Response.BodyWriter.WriteAsync(answer, http.RequestAborted);
        });
    }
}
