using BenchmarkDotNet.Running;
using Gateway.Bench;

switch (args)
{
    case ["parse", ..]:
        ParseRounds.Run(Number("--rounds", 300));
        break;
    case ["swaps", ..]:
        Swaps.Run(Number("--count", 2000));
        break;
    case ["neighbours", ..]:
        Neighbours.Run(Number("--threads", 1));
        break;
    case ["start", ..]:
        await Starts.RunAsync(Number("--runs", 5), Text("--gateway", Path.Combine(AppContext.BaseDirectory, "Gateway.dll")));
        break;
    case ["compile", ..]:
        Compiles.Run(Number("--runs", 30));
        break;
    case ["serve-echo", ..]:
        await EchoServer.RunAsync(Number("--port", 5683), Number("--shards", 1), Number("--exchanges", 200_000));
        break;
    case ["path", ..]:
        await PathRates.RunAsync(Text("--tools", "tools"), Number("--rounds", 8), Number("--seconds", 2), Text("--only", ""), args.Contains("--write"));
        break;
    case ["load", ..]:
        await LoadRates.RunAsync(Text("--tools", "tools"), Number("--rounds", 4), Number("--seconds", 3), args.Contains("--write"));
        break;
    case ["memory", ..]:
        await MemoryTable.RunAsync(args.Contains("--write"));
        break;
    case ["fleet", ..]:
        await Fleet.RunAsync(Text("--tools", "tools"), Number("--devices", 1_000_000), args.Contains("--write"));
        break;
    case ["sinks", ..]:
        await SinkRates.RunAsync(Number("--pairs", 5));
        break;
    case ["deliveries", ..]:
        await Deliveries.RunAsync(Number("--frames", 10_000), Number("--readings", 6), Number("--rounds", 20));
        break;
    case ["commands", ..]:
        await CommandRounds.RunAsync(Number("--count", 200_000));
        break;
    case ["commands-wire", ..]:
        await CommandWire.RunAsync(Number("--devices", 20_000), Number("--rounds", 5));
        break;
    case ["api", ..] when args.Contains("--costs"):
        await ApiLoad.RunCostsAsync(Number("--rounds", 3), Number("--seconds", 5), Number("--rate", 300));
        break;
    case ["api", ..]:
        await ApiLoad.RunAsync(Number("--pairs", 5), Number("--seconds", 10), Number("--uplinks", 500), Number("--requests", 1000), Number("--burst", 10));
        break;
    case ["serve-secure", ..]:
        await SecureEchoServer.RunAsync();
        break;
    case ["dtls", ..]:
        await SecureRates.RunAsync(Number("--rounds", 3), Number("--seconds", 3), Number("--sessions", 4000), args.Contains("--write"));
        break;
    case ["dtls-hellos", ..]:
        await SecureRates.GreetAsync(Number("--hellos", 50_000), args.Contains("--write"));
        break;
    case ["soak", ..]:
        return await Soak.RunAsync(Number("--minutes", 30), Number("--rate", 20_000));
    default:
        BenchmarkSwitcher.FromAssembly(typeof(ParseBenchmark).Assembly).Run(args);
        break;
}

return 0;

int Number(string option, int otherwise) =>
    Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

string Text(string option, string otherwise) => Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;
