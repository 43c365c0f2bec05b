using System.Diagnostics;

namespace Gateway.Bench;

/// <summary>A CoAP server in a process of its own, which is put under load again and again.</summary>
internal sealed class LoadedServer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(300);

    // What a process takes in 300 ms that does nothing but look now and then whether something has changed.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(30);

    private readonly Process _process;
    private readonly string? _folder;

    private LoadedServer(string name, ProcessStartInfo start, int port, string? folder)
    {
        (Name, Port, _folder) = (name, port, folder);
        start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
    }

    public string Name { get; }

    public int Port { get; }

    public int ProcessId => _process.Id;

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>A program that takes its port as an argument.</summary>
    public static LoadedServer Program(string name, string program, Func<int, string> arguments)
    {
        var port = FreePort.Udp();
        return new LoadedServer(name, new ProcessStartInfo(program, arguments(port)), port, null);
    }

    /// <summary>The engine alone: this program, as <c>serve-echo</c>.</summary>
    public static LoadedServer Engine(string name) => Program(
        name, "dotnet", port => string.Create(CultureInfo.InvariantCulture, $"\"{Path.Combine(AppContext.BaseDirectory, "Gateway.Bench.dll")}\" serve-echo --port {port}"));

    /// <summary>The whole gateway, with a folder of its own that goes with it; of gateway.json what is said here is different.</summary>
    /// <param name="name">What is special.</param>
    /// <param name="preload">A library to load before all others; null for none.</param>
    /// <param name="settings">Settings, each <c>path=value</c>; <c>{folder}</c> is the folder.</param>
    public static LoadedServer Gateway(string name, string? preload = null, params string[] settings)
    {
        var (port, folder) = (FreePort.Udp(), Directory.CreateTempSubdirectory("gateway-bench-").FullName);
        string[] usual =
        [
            $"coap.port={port}", "api.port=0", "sinks.console.enabled=false", "log.level=warn",
            $"storage.path={folder}/gateway.db", $"journal.path={folder}/journal.db", $"scripts.versions_path={folder}/versions", $"scripts.cache_path={folder}/cache",
            $"sinks.file.path={folder}/readings.ndjson", $"sinks.file.dead_letters.path={folder}/dead-letters",

            // The load comes from one address, as no fleet does.
            "coap.peer_requests_per_second=0", "coap.prefix_requests_per_second=0",
        ];
        var start = new ProcessStartInfo("dotnet");
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "Gateway.dll"), "run", "--config", Repository.PathOf("gateway.json")];
        foreach (var argument in arguments.Concat(usual.Concat(settings).SelectMany(setting => new[] { "--set", setting.Replace("{folder}", folder, StringComparison.Ordinal) })))
        {
            start.ArgumentList.Add(argument);
        }

        if (preload is not null)
        {
            start.Environment["LD_PRELOAD"] = preload;
        }

        return new LoadedServer(name, start, port, folder);
    }

    /// <summary>Waits until it answers with success.</summary>
    public Task AnswersAsync() => FirstAnswer.WaitAsync(Port, _process);

    /// <summary>Puts it under load, and waits until it has done with all that came of it: what a sink does later belongs to the request too.</summary>
    public async Task<LoadFigures> LoadAsync(LoadTools tools, LoadShape shape)
    {
        await QuietAsync();
        var before = ProcessorTime;
        var told = await shape.RunAsync(tools, this);
        await QuietAsync();
        return told with { ProcessorMicroseconds = (ProcessorTime - before).TotalMicroseconds / Math.Max(told.Answers, 1) };
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task QuietAsync()
    {
        var started = Stopwatch.GetTimestamp();
        for (var before = ProcessorTime; Stopwatch.GetElapsedTime(started) < Patience; before = ProcessorTime)
        {
            await Task.Delay(Look, TimeProvider.System);
            if (ProcessorTime - before <= Quiet)
            {
                return;
            }
        }

        throw new InvalidOperationException($"{Name} does not come to rest");
    }
}
