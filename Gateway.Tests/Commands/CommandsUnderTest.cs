using Gateway.Commands;
using Gateway.Devices;
using Gateway.Scripting;
using Gateway.Storage;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Commands;

/// <summary>The rooms from devices to commands on a store of their own, with one script and the test's clock.</summary>
internal sealed class CommandsUnderTest : IAsyncDisposable
{
    public const int MaxQueued = 5;
    public const string ScriptRef = "test.csx";

    private readonly TempFolder _folder = new();
    private ServiceProvider _services = null!;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public RecordedLog Log { get; } = new();

    public CommandConsumer Consumer => _services.GetRequiredService<CommandConsumer>();

    public CommandRegistry Registry => _services.GetRequiredService<CommandRegistry>();

    public DeviceDirectory Directory => _services.GetRequiredService<DeviceDirectory>();

    public ScriptCatalog Scripts => _services.GetRequiredService<ScriptCatalog>();

    public static async Task<CommandsUnderTest> StartAsync(string script)
    {
        var gateway = new CommandsUnderTest();
        gateway.WriteScript(script);
        await gateway.OpenAsync();
        return gateway;
    }

    public void WriteScript(string source) => _folder.Write(Path.Combine("scripts", ScriptRef), source);

    public async Task<Device> AddDeviceAsync(string id) => (await Directory.EditAsync(
        DeviceId.Parse(id),
        (_, now) => new Device { Id = DeviceId.Parse(id), ParserScriptRef = ScriptRef, CreatedAt = now, UpdatedAt = now },
        CancellationToken.None))!;

    /// <summary>Closes everything, and opens it again on what is on disk.</summary>
    public async Task RestartAsync()
    {
        await _services.DisposeAsync();
        await OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    private async Task OpenAsync()
    {
        _services = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(Log))
            .AddMetrics()
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton(new StorageSettings { Path = _folder.PathOf("gateway.db") })
            .AddSingleton(new ScriptSettings { Path = _folder.PathOf("scripts"), VersionsPath = null, CacheTtlSeconds = 3600 })
            .AddSingleton(new DeviceSettings())
            .AddSingleton(new CommandSettings { MaxQueuedPerDevice = MaxQueued })
            .AddSingleton(new ProfileCatalog(new Dictionary<string, ProfileSettings>()))
            .AddSingleton<LiteDbStore>()
            .AddSingleton<IDeviceStore, LiteDbDeviceStore>()
            .AddSingleton<ICommandStore, LiteDbCommandStore>()
            .AddSingleton<DeviceDirectory>()
            .AddSingleton(new ScriptFolder(_folder.PathOf("scripts")))
            .AddSingleton(new ProtoFolder(_folder.PathOf("protos")))
            .AddSingleton<UnloadedContexts>()
            .AddSingleton<ScriptMetrics>()
            .AddSingleton<SourceReader>()
            .AddSingleton<ScriptBuilder>()
            .AddSingleton<VersionJudge>()
            .AddSingleton<ScriptVersionsFile>()
            .AddSingleton<ScriptCatalog>()
            .AddSingleton<CommandQueue>()
            .AddSingleton<CommandMetrics>()
            .AddSingleton<CommandRegistry>()
            .AddSingleton<CommandConsumer>()
            .BuildServiceProvider();
        await Consumer.LoadAsync(CancellationToken.None);
    }
}
