using System.Diagnostics;

namespace Gateway.Bench;

/// <summary>A load of coapload: what is sent, and how.</summary>
/// <param name="Readings">Which of the payloads: how many readings are in it.</param>
internal sealed record LoadShape(int Readings)
{
    public double Seconds { get; init; } = 2;

    public int Sockets { get; init; } = 64;

    public int Window { get; init; } = 3;

    /// <summary>Requests a second at fixed instants; 0 for as fast as answers come.</summary>
    public int Rate { get; init; }

    /// <summary>Sends it, and gives what coapload has seen.</summary>
    public async Task<LoadFigures> RunAsync(LoadTools tools, LoadedServer server)
    {
        var start = new ProcessStartInfo(tools.Coapload) { RedirectStandardOutput = true };
        string[] arguments =
        [
            "-p", Text(server.Port), "-P", "/m", "-s", "2", "-n", Text(Sockets), "-w", Text(Window), "-u", "0", "-d", Text(Seconds),
            "-S", Text(server.ProcessId), "-f", tools.Payload(Readings), .. Rate > 0 ? ["-r", Text(Rate)] : Array.Empty<string>(),
            .. Environment.ProcessorCount > 1 ? ["-x", Text(Environment.ProcessorCount - 1)] : Array.Empty<string>(),
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using var generator = Process.Start(start)!;
        var told = await generator.StandardOutput.ReadToEndAsync();
        await generator.WaitForExitAsync();
        return generator.ExitCode == 0
            ? LoadFigures.Of(JsonElement.Parse(told))
            : throw new InvalidOperationException($"no answers from {server.Name}: {told}");
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}

/// <summary>What came of a load.</summary>
/// <param name="Answers">How many answers.</param>
/// <param name="PerSecond">The same for each second.</param>
/// <param name="MedianMicroseconds">From request to answer.</param>
/// <param name="P99Microseconds">From request to answer, of the slowest hundredth the quickest.</param>
/// <param name="Lost">Requests without an answer.</param>
/// <param name="Codes">The answers' codes.</param>
internal sealed record LoadFigures(long Answers, double PerSecond, double MedianMicroseconds, double P99Microseconds, long Lost, string Codes)
{
    /// <summary>What each request took of the server's processors, until all that came of it was done.</summary>
    public double ProcessorMicroseconds { get; init; }

    public static LoadFigures Of(JsonElement told) => new(
        told.GetProperty("rx").GetInt64(), told.GetProperty("rps").GetDouble(), told.GetProperty("p50_us").GetDouble(), told.GetProperty("p99_us").GetDouble(),
        told.GetProperty("lost").GetInt64(), string.Join(", ", told.GetProperty("codes").EnumerateObject().Select(code => code.Name)));
}
