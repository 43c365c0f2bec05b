using System.Text.Json;
using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>
/// Registers in bulk what is to be known at start: the devices of the import file, once the profiles' scripts are loaded.
/// It does not hold the start up: a device that speaks meanwhile is served.
/// </summary>
internal sealed class StartupRegistration(
    CommandRegistry registry,
    DeviceDirectory directory,
    ProfileCatalog profiles,
    StartupScripts scripts,
    DeviceSettings settings,
    TimeProvider time,
    ILogger<StartupRegistration> log) : BackgroundService
{
    private static readonly JsonSerializerOptions LineOptions = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await scripts.Loaded.WaitAsync(stoppingToken);

            if (settings.ImportPath is { } path)
            {
                await ImportAsync(path, stoppingToken);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.ImportUnreadable(settings.ImportPath!, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.StartFailed(e);
        }
    }

    private async Task ImportAsync(string path, CancellationToken cancellation)
    {
        // Of a device that stands there twice, the last line counts.
        var devices = new Dictionary<DeviceId, Device>();
        var now = time.GetUtcNow();
        var line = 0;
        await foreach (var text in File.ReadLinesAsync(path, cancellation))
        {
            line++;
            if (!string.IsNullOrWhiteSpace(text) && Read(text, path, line) is { } document)
            {
                var device = document.ToDevice(now, now);
                devices[device.Id] = device;
            }
        }

        var added = await directory.ImportAsync(devices.Values, cancellation);
        await registry.RegisterDevicesAsync(await StoredAsync(devices.Keys, cancellation), cancellation);
        log.Imported(added, devices.Count, path);
    }

    // Devices that were known already are registered as they are stored, not as the file has them.
    private async Task<IReadOnlyList<Device>> StoredAsync(IEnumerable<DeviceId> ids, CancellationToken cancellation)
    {
        var stored = new List<Device>();
        foreach (var id in ids)
        {
            if (await directory.FindAsync(id, cancellation) is { State: DeviceState.Active } device)
            {
                stored.Add(device);
            }
        }

        return stored;
    }

    private DeviceDocument? Read(string text, string path, int line)
    {
        try
        {
            var document = JsonSerializer.Deserialize<DeviceDocument>(text, LineOptions) ?? new DeviceDocument();
            var problems = document.Problems(profiles).ToArray();
            foreach (var (member, problem) in problems)
            {
                log.ImportProblem(path, line, $"{member}: {problem}");
            }

            return problems.Length == 0 ? document : null;
        }
        catch (JsonException e)
        {
            // The serializer's own place is one within the line, which it takes for the first one of many.
            log.ImportProblem(path, line, e.Message.Split(" Path:", 2)[0]);
            return null;
        }
    }
}
