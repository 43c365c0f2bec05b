using System.ComponentModel;
using System.Runtime.CompilerServices;
using Gateway.Access;
using Gateway.Devices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api;

/// <summary><c>/api/v1/import/devices</c> and <c>/api/v1/export/devices</c>: many devices at once, however many that are.</summary>
internal static class TransferEndpoints
{
    private const string Ndjson = "application/x-ndjson";
    private const string Csv = "text/csv";

    public static void MapDeviceTransfer(this IEndpointRouteBuilder api)
    {
        api.MapPost("/import/devices", ImportAsync).For(Role.Operator).WithoutLimits().WithTags("Devices")
            .Accepts<DeviceDocument>(Ndjson, Csv).Produces<ImportResult>(200, Ndjson).ProducesProblem(400).ProducesProblem(415)
            .WithName("ImportDevices")
            .WithSummary("Takes devices, one a line, as NDJSON or CSV. The answer has a line for each of them in the same order, and one with the sums.");
        api.MapGet("/export/devices", ExportAsync).For(Role.Viewer).WithoutLimits().WithTags("Devices")
            .Produces<DeviceDocument>(200, Ndjson, Csv).ProducesProblem(400)
            .WithName("ExportDevices").WithSummary("All devices, or those that the query names, one a line, in a form that the import takes.");
    }

    // Told when all was read: a client that sends without listening would otherwise wait for us, and we for it. What does not fit in memory waits in a file.
    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> ImportAsync(
        HttpContext context,
        DeviceImport import,
        CancellationToken cancellation,
        [Description("What becomes of devices that are there already: fail (their lines are refused), replace or skip.")] string on_existing = "fail",
        [Description("Whether only lines that failed are told of, and the sums.")] bool failures_only = false)
    {
        if (!ParameterWord.TryParse<OnExisting>(on_existing, "on_existing", out var onExisting, out var problem))
        {
            return Problems.BadRequest([problem]);
        }

        var source = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) ? type.MediaType.Value?.ToLowerInvariant() : null;
        if (source is not (Ndjson or Csv))
        {
            return Problems.WrongMediaType($"devices come as {Ndjson} or as {Csv}: say which with Content-Type");
        }

        await using var results = new FileBufferingWriteStream(memoryThreshold: 64 * 1024, bufferLimit: 4L * 1024 * 1024 * 1024);
        var lines = source is Csv ? DeviceCsv.ReadAsync(context.Request.Body, cancellation) : DeviceLines.ReadAsync(context.Request.BodyReader, cancellation);
        await import.RunAsync(lines, onExisting, failures_only, results, cancellation);
        context.Response.ContentType = Ndjson;
        await results.DrainBufferAsync(context.Response.BodyWriter, cancellation);
        return TypedResults.Empty;
    }

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> ExportAsync(
        [AsParameters] DeviceFilter filter,
        HttpContext context,
        DeviceDirectory directory,
        CancellationToken cancellation,
        [Description("ndjson or csv.")] string format = "ndjson")
    {
        var query = filter.ToQuery(out var problems);
        if (!ParameterWord.TryParse<TransferFormat>(format, "format", out var form, out var problem))
        {
            problems.Add(problem);
        }

        if (problems.Count > 0)
        {
            return Problems.BadRequest(problems);
        }

        context.Response.ContentType = form is TransferFormat.Csv ? Csv + "; charset=utf-8" : Ndjson;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"devices.{(form is TransferFormat.Csv ? "csv" : "ndjson")}\"";
        var devices = AllAsync(directory, query, cancellation);
        await (form is TransferFormat.Csv ? DeviceCsv.WriteAsync(devices, context.Response.Body) : DeviceLines.WriteAsync(devices, context.Response.Body, cancellation));
        return TypedResults.Empty;
    }

    private static async IAsyncEnumerable<DeviceDocument> AllAsync(
        DeviceDirectory directory, DeviceQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        const int AtOnce = 500;
        var next = DeviceId.None;
        do
        {
            var page = await directory.ListAsync(query with { After = next, Limit = AtOnce }, cancellation);
            foreach (var device in page.Devices)
            {
                yield return DeviceDocument.Of(device);
            }

            next = page.Next;

            // Live frames wait for threads, too.
            await Task.Yield();
        }
        while (!next.IsNone);
    }
}

/// <summary>A form in which devices are written out.</summary>
internal enum TransferFormat
{
    /// <summary>A JSON object a line.</summary>
    Ndjson,

    /// <summary>RFC 4180, with a header.</summary>
    Csv,
}

/// <summary>What becomes of a device that is there already.</summary>
internal enum OnExisting
{
    /// <summary>Its line is refused.</summary>
    Fail,

    /// <summary>It becomes what its line says.</summary>
    Replace,

    /// <summary>It stays as it is.</summary>
    Skip,
}
