using System.Diagnostics;

namespace Gateway.Bench;

/// <summary>
/// <c>soak</c>: the engine for a long time in a process of its own, under requests, duplicates, garbage, and bodies that are begun and never
/// finished; its memory once a minute. It ends with 1 when a request was lost, or the memory grew.
/// </summary>
internal static class Soak
{
    // The tables are full within seconds; what the runtime itself learns takes a little longer.
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(3);

    // The heap breathes: what grows for good grows past this in half an hour.
    private const double MaxGrowth = 1.10;

    /// <param name="minutes">How long.</param>
    /// <param name="rate">Requests a second.</param>
    public static async Task<int> RunAsync(int minutes, int rate)
    {
        Machine.Describe($"{minutes} minutes at {rate} requests/s, with 5 % duplicates, 1 % malformed, 1 % bodies begun and abandoned");
        using var server = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "Gateway.Bench.dll"), "serve-echo", "--port", "0"])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            var address = await server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the server did not start");
            using var load = new SoakLoad(new Uri(address).Port, rate, new Random(1));
            return Watch(server, load, TimeSpan.FromMinutes(minutes));
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    private static int Watch(Process server, SoakLoad load, TimeSpan length)
    {
        Console.WriteLine("minute    sent  answered  again  lost  duplicates  malformed  begun  wrong  memory MiB  CPU us/request");
        List<double> memory = [];
        var started = Stopwatch.GetTimestamp();
        var (cpu, answered) = (server.TotalProcessorTime, 0L);
        for (var minute = 1; Stopwatch.GetElapsedTime(started) < length; minute++)
        {
            load.Run(TimeSpan.FromMinutes(1));
            server.Refresh();
            var mebibytes = server.WorkingSet64 / 1048576.0;
            var microseconds = (server.TotalProcessorTime - cpu).TotalMicroseconds / Math.Max(1, load.Answered - answered);
            (cpu, answered) = (server.TotalProcessorTime, load.Answered);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{minute,6} {load.Sent,9} {load.Answered,9} {load.Again,6} {load.Lost,5} {load.Duplicates,11} {load.Malformed,10} {load.Begun,6} {load.Wrong,6} {mebibytes,11:F1} {microseconds,15:F2}"));
            if (TimeSpan.FromMinutes(minute) > WarmUp)
            {
                memory.Add(mebibytes);
            }
        }

        load.Settle();
        return Judge(load, memory);
    }

    private static int Judge(SoakLoad load, List<double> memory)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"lost {load.Lost} of {load.Sent}, wrong answers {load.Wrong}"));
        if (memory.Count > 1)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"memory after warm-up: first {memory[0]:F1} MiB, last {memory[^1]:F1}, most {memory.Max():F1}"));
        }

        return load.Lost == 0 && load.Wrong == 0 && (memory.Count < 2 || memory[^1] <= memory[0] * MaxGrowth) ? 0 : 1;
    }
}
