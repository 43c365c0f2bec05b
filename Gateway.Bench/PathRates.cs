namespace Gateway.Bench;

/// <summary>
/// A frame's whole way, and what each stage of it costs: the gateway as it is, and with one stage switched off at a time, beside two servers
/// in C that keep nothing. All run in turn, so that a machine that does other things besides slows all of them.
/// </summary>
internal static class PathRates
{
    // The sender is known, and nothing is read.
    private const string SilentScript = """
        static readonly Reading[] None = [];
        Reading[] parse(ReadOnlySpan<byte> payload, DeviceConfig config) => None;
        byte[]? format_command(Command command, DeviceConfig config) => null;
        string? identify(ReadOnlySpan<byte> payload, UplinkRequest request) => Convert.ToHexString(payload[2..8]);
        """;

    /// <summary>Runs so many rounds, prints the table, and puts it into docs/performance.md if that is wanted.</summary>
    public static async Task RunAsync(string sources, int rounds, double seconds, string only, bool write)
    {
        var tools = LoadTools.BuiltFrom(sources);
        var scripts = Directory.CreateTempSubdirectory("gateway-scripts-").FullName;
        foreach (var script in Directory.GetFiles(Repository.PathOf("scripts"), "*.csx", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(scripts, Path.GetRelativePath(Repository.PathOf("scripts"), script));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(script, copy);
        }

        await File.WriteAllTextAsync(Path.Combine(scripts, "efento.csx"), SilentScript);
        Row[] rows = [.. Rows(tools, scripts).Where(row => only.Length == 0 || row.IsReference || row.Name.Contains(only, StringComparison.Ordinal))];
        var servers = new Dictionary<string, LoadedServer>();
        try
        {
            foreach (var row in rows)
            {
                if (!servers.ContainsKey(row.Server))
                {
                    servers[row.Server] = row.Start();
                    await servers[row.Server].AnswersAsync();

                    // Lets the runtime see what is worth its while.
                    await servers[row.Server].LoadAsync(tools, new LoadShape(row.Readings) { Seconds = row.IsReference ? 1 : 6 });
                }
            }

            for (var round = 0; round < rounds; round++)
            {
                foreach (var row in round % 2 == 0 ? rows : rows.Reverse())
                {
                    row.Figures.Add(await servers[row.Server].LoadAsync(tools, new LoadShape(row.Readings) { Seconds = seconds }));
                }
            }
        }
        finally
        {
            foreach (var server in servers.Values)
            {
                server.Dispose();
            }

            Directory.Delete(scripts, recursive: true);
        }

        var table = Table(rows, rounds, seconds);
        Console.WriteLine(table);
        if (write)
        {
            PerformancePage.Write("path", table);
        }
    }

    private static Row[] Rows(LoadTools tools, string scripts)
    {
        // One compiles the script, and the others find it.
        var cache = $"scripts.cache_path={Path.Combine(scripts, "cache")}";
        LoadedServer Whole() => LoadedServer.Gateway("the gateway", null, cache);
        return
        [
            new("C echo, `recvmmsg`; keeps nothing", "cecho", 6, () => LoadedServer.Program("cecho", tools.CEcho, port => $"{port} mmsg")) { IsReference = true },
            new("libcoap, empty answer; keeps nothing", "libcoap", 6, () => LoadedServer.Program("libcoap", tools.LibcoapEcho, port => $"{port}")) { IsReference = true },
            new("the engine alone", "engine", 6, () => LoadedServer.Engine("engine")),
            new("**the gateway: script, durable journal, file sink**", "gateway", 6, Whole),
            new("without the sink", "no sink", 6, () => LoadedServer.Gateway("no sink", null, cache, "sinks.file.enabled=false")),
            new("the disk never waited for", "volatile", 6, () => LoadedServer.Gateway("volatile", tools.NoSync, cache)),
            new("neither sink nor waiting for the disk", "volatile, no sink", 6, () => LoadedServer.Gateway("volatile, no sink", tools.NoSync, cache, "sinks.file.enabled=false")),
            new("that, and a script that reads nothing", "silent", 6, () => LoadedServer.Gateway("silent", tools.NoSync, cache, "sinks.file.enabled=false", $"scripts.path={scripts}")),
            new("the gateway, 30 readings in a frame", "gateway", 30, Whole),
            new("the gateway, 120 readings in a frame", "gateway", 120, Whole),
        ];
    }

    private static string Table(Row[] rows, int rounds, double seconds)
    {
        var (c, libcoap) = (rows[0], rows[1]);
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine.Line}; {rounds} rounds of {seconds} s each, 64 sockets with 3 requests outstanding each, medians.");
        text.AppendLine();
        text.AppendLine("| server | requests/s | to libcoap | CPU per request | to C | to libcoap | p50 / p99 | lost |");
        text.AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (var row in rows)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {row.Name} | {row.Median(f => f.PerSecond):N0} | {row.Ratio(libcoap, f => f.PerSecond):F2} | {row.Median(f => f.ProcessorMicroseconds):F2} µs | {row.Ratio(c, f => f.ProcessorMicroseconds):F2} | {row.Ratio(libcoap, f => f.ProcessorMicroseconds):F2} | {row.Median(f => f.MedianMicroseconds) / 1000:F2} / {row.Median(f => f.P99Microseconds) / 1000:F1} ms | {row.Figures.Sum(f => f.Lost)} |");
        }

        return text.ToString();
    }

    /// <summary>A row of the table.</summary>
    private sealed record Row(string Name, string Server, int Readings, Func<LoadedServer> Start)
    {
        public bool IsReference { get; init; }

        public List<LoadFigures> Figures { get; } = [];

        public double Median(Func<LoadFigures, double> figure) => Bench.Figures.Median(Figures.Select(figure));

        // Round by round: what slows the machine for a while slows both.
        public double Ratio(Row to, Func<LoadFigures, double> figure) =>
            Bench.Figures.Median(Figures.Zip(to.Figures, (own, other) => figure(own) / figure(other)));
    }
}
