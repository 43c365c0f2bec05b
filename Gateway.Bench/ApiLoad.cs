using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;

namespace Gateway.Bench;

/// <summary>
/// What a busy management API costs the devices: rounds in which devices send at a fixed rate, in turn without and with so many requests a
/// second at the API, half of them lists and half commands. The gateway is a process of its own, with its journal on this disk; the load
/// shares the processors with it.
/// </summary>
internal static class ApiLoad
{
    private const int Devices = 1000;
    private const int ListLength = 20;
    private const int WarmUpSeconds = 30;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs so many pairs of rounds, and prints medians.</summary>
    public static async Task RunAsync(int pairs, int seconds, int uplinks, int requests)
    {
        Machine.Describe($"{pairs} pairs of {seconds} s; {uplinks} uplinks/s, without and with {requests} API requests/s, in turn");
        using var gateway = await BenchGateway.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = gateway.Api };
        await RegisterAsync(http);

        // The runtime compiles again what is called often, for half a minute: on processors that the uplinks need as well.
        await RoundAsync(gateway, http, uplinks, requests, WarmUpSeconds);
        List<Round> alone = [], beside = [];
        for (var pair = 0; pair < pairs; pair++)
        {
            alone.Add(await RoundAsync(gateway, http, uplinks, 0, seconds));
            beside.Add(await RoundAsync(gateway, http, uplinks, requests, seconds));
        }

        Tell("alone ", alone);
        Tell("beside", beside);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"uplinks' p99, beside / alone: {Figures.Median(beside.Zip(alone, (b, a) => b.Uplink(99) / a.Uplink(99))):F2} (median of the pairs); load average {Machine.Load}"));
    }

    private static async Task RegisterAsync(HttpClient http)
    {
        var lines = string.Join('\n', Enumerable.Range(0, Devices).Select(number => $$"""{"device_id": "{{UplinkLoad.NameOf(number)}}", "profile": "bench", "labels": ["bench"]}"""));
        using var response = await http.PostAsync(new Uri("/api/v1/import/devices?failures_only=true", UriKind.Relative), new StringContent(lines, Encoding.UTF8, "application/x-ndjson"));
        response.EnsureSuccessStatusCode();
    }

    private static async Task<Round> RoundAsync(BenchGateway gateway, HttpClient http, int uplinks, int requests, int seconds)
    {
        var length = TimeSpan.FromSeconds(seconds);
        var api = RequestsAsync(http, requests, length);
        var (latencies, lost) = await UplinkLoad.RunAsync(gateway.CoapPort, uplinks, length, Devices);
        var (answered, failed) = await api;
        return new Round(latencies, lost, answered, failed);
    }

    private static async Task<(IReadOnlyList<double> Latencies, int Failed)> RequestsAsync(HttpClient http, int rate, TimeSpan length)
    {
        var (underWay, sent, started) = (new List<Task<double?>>(), 0, Stopwatch.GetTimestamp());
        using var timer = new PeriodicTimer(Tick);
        while (rate > 0 && Stopwatch.GetElapsedTime(started) is var passed && passed < length)
        {
            for (var due = (int)(passed.TotalSeconds * rate); sent < due; sent++)
            {
                underWay.Add(RequestAsync(http, sent));
            }

            await timer.WaitForNextTickAsync();
        }

        var latencies = await Task.WhenAll(underWay);
        return ([.. latencies.OfType<double>()], latencies.Count(latency => latency is null));
    }

    private static async Task<double?> RequestAsync(HttpClient http, int number)
    {
        var started = Stopwatch.GetTimestamp();
        var device = UplinkLoad.NameOf(number * 7919 % Devices);
        using var response = number % 2 == 0
            ? await http.GetAsync(new Uri($"/api/v1/devices?limit={ListLength}&after={device}", UriKind.Relative))
            : await http.PostAsJsonAsync(new Uri("/api/v1/commands", UriKind.Relative), new { device_id = device, command_type = "set", payload = new { interval = 60 }, dedup_key = "interval" });
        await response.Content.ReadAsByteArrayAsync();
        return response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created ? Stopwatch.GetElapsedTime(started).TotalMilliseconds : null;
    }

    private static void Tell(string what, List<Round> rounds) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: uplinks p50 {Figures.Median(rounds.Select(round => round.Uplink(50))):F2} ms, p99 {Figures.Median(rounds.Select(round => round.Uplink(99))):F2} ms, lost {rounds.Sum(round => round.Lost)}; API {rounds.Sum(round => round.Api.Count)} answered, {rounds.Sum(round => round.Failed)} failed, p99 {Figures.Median(rounds.Select(round => round.Api.Count == 0 ? 0 : Figures.Percentile(round.Api, 99))):F1} ms"));

    private sealed record Round(IReadOnlyList<double> Uplinks, int Lost, IReadOnlyList<double> Api, int Failed)
    {
        public double Uplink(double percent) => Figures.Percentile(Uplinks, percent);
    }
}
