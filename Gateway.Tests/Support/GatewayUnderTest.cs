using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Coap;
using Gateway.Configuration;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Scripting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Support;

/// <summary>The whole gateway on free ports and in a folder of its own, as <c>run</c> would start it; with the shipped configuration and scripts.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    /// <summary>Compiled scripts that all tests share: a shipped script is compiled once, and not at each start of a gateway.</summary>
    public static readonly string ScriptCache = Path.Combine(AppContext.BaseDirectory, "script-cache");

    // Some gateways have this many at once; a test that leaves its meters behind comes to as many soon.
    private const int MostInstruments = 3000;

    private readonly TempFolder? _ownFolder;

    // Forgotten once it is stopped: NUnit keeps fixtures to the end, and a gateway has tens of megabytes.
    private WebApplication? _app;

    private GatewayUnderTest(WebApplication app, TempFolder folder, bool ownsFolder, RecordedLog log)
    {
        _app = app;
        _ownFolder = ownsFolder ? folder : null;
        (Folder, Log) = (folder, log);
        Http = new HttpClient { BaseAddress = new Uri(Address(app)) };
        CoapPort = Services.GetRequiredService<CoapServer>().LocalEndPoints[0].Port;
    }

    public TempFolder Folder { get; }

    public RecordedLog Log { get; }

    public HttpClient Http { get; }

    public int CoapPort { get; }

    public IServiceProvider Services => (_app ?? throw new ObjectDisposedException(nameof(GatewayUnderTest))).Services;

    public IJournal Journal => Services.GetRequiredService<IJournal>();

    /// <summary>Starts a gateway. A folder that is given stays, so that another gateway can start on what this one left.</summary>
    public static Task<GatewayUnderTest> StartAsync(TempFolder? folder = null, string? json = null, params string[] sets) => StartWithAsync(_ => { }, folder, json, sets);

    /// <summary>Starts a gateway of whose services the caller has replaced some.</summary>
    public static async Task<GatewayUnderTest> StartWithAsync(Action<IServiceCollection> adjust, TempFolder? folder = null, string? json = null, params string[] sets)
    {
        AssertMetersAreDisposed();
        var place = folder ?? new TempFolder();
        var file = place.PathOf("gateway.json");
        if (json is not null || !File.Exists(file))
        {
            File.WriteAllText(file, json ?? File.ReadAllText(Repository.PathOf("gateway.json")));
        }

        CopyScripts(place);
        var log = new RecordedLog();
        var configuration = ConfigurationLoader.Load(new ConfigurationSources
        {
            File = file,
            Sets = ["coap.addresses=[\"127.0.0.1\"]", "coap.port=0", "api.port=0", "sinks.console.enabled=false", $"scripts.cache_path={ScriptCache}", .. sets],
        });
        Assert.That(configuration.ProblemLines, Is.Empty);
        var app = GatewayHost.Create(configuration, services =>
        {
            services.AddSingleton<ILoggerProvider>(log).AddSingleton<IStartupFilter, RemoteAddress>();
            adjust(services);
        });
        await app.StartAsync();

        // On a busy machine the first frame might wait longer for its script than a frame does.
        foreach (var script in app.Services.GetRequiredService<ProfileCatalog>().Scripts)
        {
            await app.Services.GetRequiredService<ScriptCatalog>().GetAsync(script, CancellationToken.None);
        }

        return new GatewayUnderTest(app, place, ownsFolder: folder is null, log);
    }

    /// <summary>Sends a confirmable request and gives the answer.</summary>
    public async Task<CoapMessage> SendAsync(CoapCode method, string path, byte[] payload, params CoapOption[] options)
    {
        Assert.That(CoapUri.TryParse(string.Create(CultureInfo.InvariantCulture, $"coap://127.0.0.1:{CoapPort}{path}"), out var uri, out var problem), problem);
        using var client = new CoapClient(TimeProvider.System, new Random(1));
        return await client.SendAsync(new ClientRequest(method, uri!) { Payload = payload, Options = options }, CancellationToken.None);
    }

    public Task<CoapMessage> PostAsync(string path, string hex) => SendAsync(CoapCode.Post, path, Convert.FromHexString(hex));

    /// <summary>The readings that the file sink has written, once there are so many.</summary>
    public async Task<IReadOnlyList<JsonNode>> ReadingsAsync(int count)
    {
        var file = Folder.PathOf("data/readings.ndjson");
        string[] lines = [];
        await Eventually.HoldsAsync(
            () => File.Exists(file) && (lines = ReadLines(file)).Length >= count,
            $"{count} readings in {Path.GetFileName(file)}");
        return [.. lines.Select(line => JsonNode.Parse(line)!)];
    }

    /// <summary>The readings of one device that the file sink has written, once there are so many.</summary>
    public async Task<IReadOnlyList<JsonNode>> ReadingsOfAsync(string device, int count)
    {
        IReadOnlyList<JsonNode> readings = [];
        await Eventually.HoldsAsync(
            async () => (readings = [.. (await ReadingsAsync(0)).Where(reading => reading["device_id"]!.GetValue<string>() == device)]).Count >= count,
            $"{count} readings of {device}");
        return readings;
    }

    /// <summary>Queues a command, and gives its request id.</summary>
    public async Task<string> QueueAsync(object command)
    {
        using var response = await Http.PostAsJsonAsync("/api/v1/commands", command);
        var body = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(201), body);
        return JsonNode.Parse(body)!["request_id"]!.GetValue<string>();
    }

    /// <summary>Sends a body as JSON, or none, with headers.</summary>
    public async Task<HttpResponseMessage> SendJsonAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        foreach (var (name, value) in headers)
        {
            Assert.That(request.Headers.TryAddWithoutValidation(name, value) || (request.Content?.Headers.TryAddWithoutValidation(name, value) ?? false), name);
        }

        return await Http.SendAsync(request);
    }

    public async Task<string> StateOfAsync(string requestId) =>
        JsonNode.Parse(await Http.GetStringAsync($"/api/v1/commands/{requestId}"))!["state"]!.GetValue<string>();

    /// <summary>Waits until a text has been logged so many times.</summary>
    public Task LoggedAsync(string text, int times = 1) => Eventually.HoldsAsync(
        () => Log.Entries.Count(entry => entry.Text.Contains(text, StringComparison.Ordinal)) >= times,
        $"{times} × \"{text}\" in the log");

    public async ValueTask DisposeAsync()
    {
        if (_app is not { } app)
        {
            return;
        }

        Http.Dispose();
        _app = null;
        await app.StopAsync();
        await app.DisposeAsync();
        _ownFolder?.Dispose();
        Log.ExpectNoErrors();
    }

    // A gateway's metrics listen to each instrument there is in the process, which takes time by the square of their number.
    private static void AssertMetersAreDisposed()
    {
        var instruments = 0;
        using var listener = new MeterListener { InstrumentPublished = (_, _) => Interlocked.Increment(ref instruments) };
        listener.Start();
        Assert.That(instruments, Is.LessThan(MostInstruments), "instruments in this process: a test has left its meters undisposed");
    }

    // Of a line that is just being written there may be half.
    private static string[] ReadLines(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Split('\n')[..^1];
    }

    // With their vectors. A script that is there already is the test's own, and the shipped vectors say nothing of it.
    private static void CopyScripts(TempFolder place)
    {
        Directory.CreateDirectory(place.PathOf("scripts"));
        Directory.CreateDirectory(place.PathOf("scripts/lib"));
        foreach (var shared in Directory.EnumerateFiles(Repository.PathOf("scripts", "lib"), "*.csx"))
        {
            File.Copy(shared, place.PathOf($"scripts/lib/{Path.GetFileName(shared)}"), overwrite: true);
        }

        foreach (var script in Directory.EnumerateFiles(Repository.PathOf("scripts"), "*.csx"))
        {
            var copy = place.PathOf(Path.Combine("scripts", Path.GetFileName(script)));
            if (!File.Exists(copy))
            {
                File.Copy(script, copy);
                File.Copy(VectorFile.Of(script), VectorFile.Of(copy));
            }
        }
    }

    private static string Address(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
}
