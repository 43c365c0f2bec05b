using System.ComponentModel;
using System.Text.Json;
using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Api;

/// <summary>Saves the devices of an import, some hundred at once, and says what became of each.</summary>
internal sealed class DeviceImport(DeviceRegistrar registrar, DeviceDirectory directory)
{
    // As many as the store writes with one sync.
    private const int AtOnce = 256;

    /// <summary>Takes all lines.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="onExisting">What becomes of devices that are there.</param>
    /// <param name="failuresOnly">Whether only failures are told, and the sums.</param>
    /// <param name="results">Gets a line of JSON for each.</param>
    /// <param name="cancellation">Ends it; what was saved stays.</param>
    public async Task RunAsync(IAsyncEnumerable<DeviceLine> lines, OnExisting onExisting, bool failuresOnly, Stream results, CancellationToken cancellation)
    {
        var sum = new ImportSum();
        var waiting = new List<DeviceLine>(AtOnce);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var line in lines)
        {
            // Of a device that stands there twice, the lines take effect one behind the other.
            if (waiting.Count == AtOnce || (line.Document?.DeviceId is { } id && !ids.Add(id)))
            {
                await SettleAsync();
                _ = line.Document?.DeviceId is { } first && ids.Add(first);
            }

            waiting.Add(line);
        }

        await SettleAsync();
        await WriteAsync(sum.Total());

        async Task SettleAsync()
        {
            foreach (var result in await Task.WhenAll(waiting.Select(line => SaveAsync(line, onExisting, cancellation))))
            {
                sum.Add(result);
                if (!failuresOnly || result.Errors is not null)
                {
                    await WriteAsync(result);
                }
            }

            waiting.Clear();
            ids.Clear();
        }

        async Task WriteAsync(ImportResult result)
        {
            await JsonSerializer.SerializeAsync(results, result, ManagementApi.Json, cancellation);
            await results.WriteAsync(DeviceLines.NewLine, cancellation);
        }
    }

    private async Task<ImportResult> SaveAsync(DeviceLine line, OnExisting onExisting, CancellationToken cancellation)
    {
        if (line.Document is not { } document)
        {
            return ImportResult.Refused(line, StatusCodes.Status400BadRequest, line.Problems);
        }

        if (await registrar.ProblemsAsync(document, cancellation) is { Count: > 0 } problems)
        {
            return ImportResult.Refused(line, StatusCodes.Status422UnprocessableEntity, problems);
        }

        var isThere = false;
        try
        {
            var saved = await directory.EditAsync(
                DeviceId.Parse(document.DeviceId!),
                (present, now) => (isThere = present is not null) && onExisting is not OnExisting.Replace ? null : document.ToDevice(present?.CreatedAt ?? now, now, present?.Token),
                cancellation);
            return (saved, onExisting) switch
            {
                (null, OnExisting.Fail) => ImportResult.Refused(line, StatusCodes.Status409Conflict, [FieldProblem.Of("device_id", "is registered already; on_existing=replace or =skip takes such lines")]),
                (null, _) => new ImportResult { Line = line.Number, DeviceId = document.DeviceId, Status = StatusCodes.Status304NotModified },
                _ => new ImportResult { Line = line.Number, DeviceId = document.DeviceId, Status = isThere ? StatusCodes.Status200OK : StatusCodes.Status201Created },
            };
        }
        catch (StoreUnavailableException)
        {
            return ImportResult.Refused(line, StatusCodes.Status503ServiceUnavailable, [FieldProblem.Of("", "the store cannot be written now")]);
        }
    }

    private sealed class ImportSum
    {
        private long _created;
        private long _replaced;
        private long _skipped;
        private long _failed;

        public void Add(ImportResult result)
        {
            _created += result.Status is StatusCodes.Status201Created ? 1 : 0;
            _replaced += result.Status is StatusCodes.Status200OK ? 1 : 0;
            _skipped += result.Status is StatusCodes.Status304NotModified ? 1 : 0;
            _failed += result.Errors is null ? 0 : 1;
        }

        public ImportResult Total() => new() { Created = _created, Replaced = _replaced, Skipped = _skipped, Failed = _failed };
    }
}

/// <summary>A line of an import's answer: what became of one device, or, in the last line, of all.</summary>
internal sealed record ImportResult
{
    [Description("The number of the line in what was sent, from 1. The last line of the answer has none.")]
    public long? Line { get; init; }

    public string? DeviceId { get; init; }

    [Description("The status code that it would have got alone: 201 it is new, 200 it was replaced, 304 it was skipped; 400 it is no device, 409 it is there already, 422 it cannot be, 503 the store cannot be written.")]
    public int? Status { get; init; }

    [Description("What is wrong with it.")]
    public IReadOnlyList<FieldProblem>? Errors { get; init; }

    [Description("Only in the last line: how many devices are new.")]
    public long? Created { get; init; }

    [Description("Only in the last line: how many were replaced.")]
    public long? Replaced { get; init; }

    [Description("Only in the last line: how many were skipped.")]
    public long? Skipped { get; init; }

    [Description("Only in the last line: how many lines failed.")]
    public long? Failed { get; init; }

    public static ImportResult Refused(DeviceLine line, int status, IReadOnlyList<FieldProblem> errors) =>
        new() { Line = line.Number, DeviceId = line.Document?.DeviceId, Status = status, Errors = errors };
}
