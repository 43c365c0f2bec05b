using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;

namespace Gateway.Bench;

/// <summary>The requests of a busy management API: lists of devices, and commands, each of which supersedes the one before it.</summary>
/// <param name="http">Where the API is.</param>
/// <param name="burst">So many requests leave at once, and then none until as many are due.</param>
internal sealed class ApiRequests(HttpClient http, int burst)
{
    public const int Devices = 1000;

    private const int ListLength = 20;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>Registers the devices that are asked for.</summary>
    public async Task RegisterAsync()
    {
        var lines = string.Join('\n', Enumerable.Range(0, Devices).Select(number => $$"""{"device_id": "{{UplinkLoad.NameOf(number)}}", "profile": "bench", "labels": ["bench"]}"""));
        using var response = await http.PostAsync(new Uri("/api/v1/import/devices?failures_only=true", UriKind.Relative), new StringContent(lines, Encoding.UTF8, "application/x-ndjson"));
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Asks at a fixed rate, whether the answers come or not.</summary>
    /// <param name="rate">How many a second.</param>
    /// <param name="length">For how long.</param>
    /// <param name="isList">Which of them, by their numbers, are lists; the others are commands.</param>
    /// <returns>How long each answer took in milliseconds, and how many requests failed.</returns>
    public async Task<(IReadOnlyList<double> Latencies, int Failed)> RunAsync(int rate, TimeSpan length, Func<int, bool> isList)
    {
        var (underWay, sent, started) = (new List<Task<double?>>(), 0, Stopwatch.GetTimestamp());
        using var timer = new PeriodicTimer(Tick);
        while (rate > 0 && Stopwatch.GetElapsedTime(started) is var passed && passed < length)
        {
            for (var due = (int)(passed.TotalSeconds * rate / burst) * burst; sent < due; sent++)
            {
                underWay.Add(RequestAsync(isList(sent), UplinkLoad.NameOf(sent * 7919 % Devices)));
            }

            await timer.WaitForNextTickAsync();
        }

        var latencies = await Task.WhenAll(underWay);
        return ([.. latencies.OfType<double>()], latencies.Count(latency => latency is null));
    }

    private async Task<double?> RequestAsync(bool isList, string device)
    {
        var started = Stopwatch.GetTimestamp();
        using var response = isList
            ? await http.GetAsync(new Uri($"/api/v1/devices?limit={ListLength}&after={device}", UriKind.Relative))
            : await http.PostAsJsonAsync(new Uri("/api/v1/commands", UriKind.Relative), new { device_id = device, command_type = "set", payload = new { interval = 60 }, dedup_key = "interval" });
        await response.Content.ReadAsByteArrayAsync();
        return response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created ? Stopwatch.GetElapsedTime(started).TotalMilliseconds : null;
    }
}
