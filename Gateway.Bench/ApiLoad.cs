namespace Gateway.Bench;

/// <summary>
/// What a busy management API costs the devices: rounds in which devices send at a fixed rate, in turn without and with so many requests a
/// second at the API, half of them lists and half commands. The gateway is a process of its own, with its journal on this disk; the load
/// shares the processors with it.
/// </summary>
internal static class ApiLoad
{
    private const int WarmUpSeconds = 30;

    // What a round leaves to the next one is done by then, and the store, which has a command five seconds after its last step, is at work on this one.
    private const int LeadSeconds = 7;

    /// <summary>Runs so many pairs of rounds, and prints medians.</summary>
    public static async Task RunAsync(int pairs, int seconds, int uplinks, int requests, int burst)
    {
        Machine.Describe($"{pairs} pairs of {seconds} s; {uplinks} uplinks/s, without and with {requests} API requests/s, {burst} at once, in turn");
        using var gateway = await BenchGateway.StartAsync();
        using var http = ClientOf(gateway);
        var api = new ApiRequests(http, burst);
        await api.RegisterAsync();

        // The runtime compiles again what is called often, for half a minute: on processors that the uplinks need as well.
        await RoundAsync(gateway, api, uplinks, requests, WarmUpSeconds);
        List<Round> alone = [], beside = [];
        for (var pair = 0; pair < pairs; pair++)
        {
            foreach (var (rounds, rate) in new[] { (alone, 0), (beside, requests) })
            {
                await CatchUpAsync(http);
                await RoundAsync(gateway, api, uplinks, rate, LeadSeconds);
                var paused = await PausedAsync(http);
                var round = await RoundAsync(gateway, api, uplinks, rate, seconds);
                rounds.Add(round with { Paused = (await PausedAsync(http) - paused) / seconds });
            }
        }

        Tell("alone ", alone);
        Tell("beside", beside);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"uplinks' p99, beside / alone: {Figures.Median(beside.Zip(alone, (b, a) => b.Uplink(99) / a.Uplink(99))):F2} (median of the pairs); load average {Machine.Load}"));
    }

    /// <summary>What one request of each kind, and one uplink, costs the gateway: memory, which does not depend on what else the machine does, and CPU.</summary>
    public static async Task RunCostsAsync(int rounds, int seconds, int rate)
    {
        Machine.Describe($"{rounds} rounds of {seconds} s for each kind; {rate}/s");
        using var gateway = await BenchGateway.StartAsync();
        using var http = ClientOf(gateway);
        var api = new ApiRequests(http, burst: 1);
        await api.RegisterAsync();
        await RoundAsync(gateway, api, rate, 2 * rate, WarmUpSeconds);
        var length = TimeSpan.FromSeconds(seconds);
        (string Name, Func<Task<int>> Run)[] kinds =
        [
            ("uplink", async () => (await UplinkLoad.RunAsync(gateway.CoapPort, rate, length, ApiRequests.Devices)).Latencies.Count),
            ("list", async () => (await api.RunAsync(rate, length, _ => true)).Latencies.Count),
            ("command", async () => (await api.RunAsync(rate, length, _ => false)).Latencies.Count),
            ("one of each, together", async () => (await RoundAsync(gateway, api, rate, 2 * rate, seconds)).Uplinks.Count),
        ];
        var costs = kinds.ToDictionary(kind => kind.Name, _ => new List<(double Bytes, double Microseconds)>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, run) in kinds)
            {
                var (bytes, cpu) = (await AllocatedAsync(http), gateway.Cpu);
                var count = await run();

                await CatchUpAsync(http);
                costs[name].Add(((await AllocatedAsync(http) - bytes) / count, (gateway.Cpu - cpu).TotalMicroseconds / count));
            }
        }

        foreach (var (name, cost) in costs)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name}: {Figures.Median(cost.Select(one => one.Bytes)) / 1000:F1} kB, {Figures.Median(cost.Select(one => one.Microseconds)):F0} µs of CPU each"));
        }
    }

    private static HttpClient ClientOf(BenchGateway gateway) => new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = gateway.Api };

    // What the store gets later is of the round that was: who lists commands makes it hurry.
    private static async Task CatchUpAsync(HttpClient http) => await http.GetStringAsync(new Uri("/api/v1/commands?limit=1", UriKind.Relative));

    private static Task<double> AllocatedAsync(HttpClient http) => MetricAsync(http, "dotnet_gc_heap_total_allocated_bytes_total");

    private static Task<double> PausedAsync(HttpClient http) => MetricAsync(http, "dotnet_gc_pause_time_seconds_total");

    private static async Task<double> MetricAsync(HttpClient http, string name)
    {
        var lines = (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n');
        return double.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static async Task<Round> RoundAsync(BenchGateway gateway, ApiRequests api, int uplinks, int requests, int seconds)
    {
        var length = TimeSpan.FromSeconds(seconds);
        var asked = api.RunAsync(requests, length, number => number % 2 == 0);
        var (latencies, lost) = await UplinkLoad.RunAsync(gateway.CoapPort, uplinks, length, ApiRequests.Devices);
        var (answered, failed) = await asked;
        return new Round(latencies, lost, answered, failed);
    }

    private static void Tell(string what, List<Round> rounds) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: uplinks p50 {Figures.Median(rounds.Select(round => round.Uplink(50))):F2} ms, p99 {Figures.Median(rounds.Select(round => round.Uplink(99))):F2} ms, lost {rounds.Sum(round => round.Lost)}, collector {Figures.Median(rounds.Select(round => 1000 * round.Paused)):F0} ms of each second; API {rounds.Sum(round => round.Api.Count)} answered, {rounds.Sum(round => round.Failed)} failed, p99 {Figures.Median(rounds.Select(round => round.Api.Count == 0 ? 0 : Figures.Percentile(round.Api, 99))):F1} ms"));

    private sealed record Round(IReadOnlyList<double> Uplinks, int Lost, IReadOnlyList<double> Api, int Failed)
    {
        /// <summary>The share of the time in which the collector had stopped all threads.</summary>
        public double Paused { get; init; }

        public double Uplink(double percent) => Figures.Percentile(Uplinks, percent);
    }
}
