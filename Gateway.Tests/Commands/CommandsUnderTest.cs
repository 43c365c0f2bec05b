using System.Text;
using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Scripting;
using Gateway.Scripting.Contract;
using Gateway.Storage;
using Gateway.Tests.Journal;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Commands;

/// <summary>
/// The rooms from devices to commands on a journal and a store of their own, with one script and the test's clock. The test's devices speak by
/// <see cref="SpeakAsync"/>, which does what the conductor does.
/// </summary>
internal sealed class CommandsUnderTest : IAsyncDisposable
{
    public const int MaxQueued = 5;
    public const int MaxRuns = 3;
    public const string ScriptRef = "test.csx";

    /// <summary>Says what it is told, under the command's id. A message "ok x y" says that x and y are applied, "no x" that x is not, "after x y" that x is applied if it was sent in answer to "y", "failed" that the last exchange failed.</summary>
    public const string Script = """
        List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) => [];
        byte[]? format_command(Command command, DeviceConfig config, UplinkRequest? request) => command.CommandType switch
        {
            "say" => Encoding.UTF8.GetBytes(command.RequestId + ":" + (command.GetString("text") ?? throw new CommandException("payload.text is missing"))),
            "fail_when_sent" => request is null ? [1] : throw new InvalidOperationException("not now"),
            "unknown_when_sent" => request is null ? [1] : null,
            "large" => new byte[(int)command.GetInteger("bytes", 1, 100_000)!.Value],
            _ => null,
        };
        CommandEvidence confirm(Command command, ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request)
        {
            var words = Encoding.UTF8.GetString(payload).Split(' ');
            return !words.Contains(command.RequestId) ? CommandEvidence.Unknown
                : words[0] == "ok" ? CommandEvidence.Applied
                : words[0] == "no" ? CommandEvidence.Rejected("the device said no")
                : words[0] == "after" && command.LastSent is { Attempt: 1, Path: "/" } sent && Encoding.UTF8.GetString(sent.Payload.Span) == words[2] ? CommandEvidence.Applied
                : words[0] == "bug" ? throw new InvalidOperationException("a bug")
                : CommandEvidence.Unknown;
        }
        bool exchange_failed(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request) => Encoding.UTF8.GetString(payload).Split(' ').Contains("failed");
        """;

    /// <summary>The same, which merges what is said, with commas.</summary>
    public const string MergingScript = Script + """

        CommandBatch? format_commands(IReadOnlyList<Command> commands, DeviceConfig config, UplinkRequest? request)
        {
            var said = commands.TakeWhile(command => command.CommandType == "say").ToArray();
            return said.Length < 2 ? null : new CommandBatch(Encoding.UTF8.GetBytes(string.Join(",", said.Select(command => command.GetString("text")))), said.Select(command => command.RequestId));
        }
        """;

    private readonly TempFolder _folder = new();
    private ServiceProvider _services = null!;
    private int _exchanges;
    private bool _storeFollows;

    public FakeTimeProvider Time { get; } = new(SomeCommands.Now);

    public RecordedLog Log { get; } = new();

    public Meters Meters { get; } = new();

    public CommandConsumer Consumer => _services.GetRequiredService<CommandConsumer>();

    public CommandDelivery Delivery => _services.GetRequiredService<CommandDelivery>();

    public CommandPush Push => _services.GetRequiredService<CommandPush>();

    public PushesUnderWay PushesUnderWay => _services.GetRequiredService<PushesUnderWay>();

    public PushQueue PushQueue => _services.GetRequiredService<PushQueue>();

    public CommandRegistry Registry => _services.GetRequiredService<CommandRegistry>();

    public DeviceDirectory Directory => _services.GetRequiredService<DeviceDirectory>();

    public ScriptCatalog Scripts => _services.GetRequiredService<ScriptCatalog>();

    public IJournal Journal => _services.GetRequiredService<IJournal>();

    public ICommandStore Store => _services.GetRequiredService<ICommandStore>();

    public CommandIndex Index => _services.GetRequiredService<CommandIndex>();

    public CommandRuns Runs => _services.GetRequiredService<CommandRuns>();

    public RunQueuer Queuer => _services.GetRequiredService<RunQueuer>();

    public CommandBatches Batches => _services.GetRequiredService<CommandBatches>();

    public CommandOutlooks Outlooks => _services.GetRequiredService<CommandOutlooks>();

    public RecentExchanges Exchanges => _services.GetRequiredService<RecentExchanges>();

    public CommandFollower Follower => _services.GetRequiredService<CommandFollower>();

    public int MaxQueuedPerDevice { get; init; } = MaxQueued;

    /// <summary>Why the last answer carried what it did.</summary>
    public CommandVerdict Verdict { get; private set; }

    /// <summary>One of the rooms' objects.</summary>
    public T Services<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Starts it.</summary>
    /// <param name="script">The devices' script.</param>
    /// <param name="storeFollows">Whether the store follows the journal. When it does not, a restart finds all that has happened in the journal alone, as after a crash.</param>
    /// <param name="maxQueued">How many commands may wait for a device.</param>
    public static async Task<CommandsUnderTest> StartAsync(string script, bool storeFollows = true, int maxQueued = MaxQueued)
    {
        var gateway = new CommandsUnderTest { _storeFollows = storeFollows, MaxQueuedPerDevice = maxQueued };
        gateway.WriteScript(script);
        await gateway.OpenAsync();
        return gateway;
    }

    public void WriteScript(string source) => _folder.Write(Path.Combine("scripts", ScriptRef), source);

    public string PathOf(string name) => _folder.PathOf(name);

    public async Task<Device> AddDeviceAsync(string id, string? profile = null) => (await Directory.EditAsync(
        DeviceId.Parse(id),
        (_, now) => new Device { Id = DeviceId.Parse(id), ParserScriptRef = ScriptRef, Profile = profile, CreatedAt = now, UpdatedAt = now },
        CancellationToken.None))!;

    /// <summary>A device sends a message; what its answer carries, as a text, or null.</summary>
    /// <param name="device">The device.</param>
    /// <param name="payload">What it says.</param>
    /// <param name="confirmable">Whether it waits for the answer.</param>
    /// <param name="room">How many bytes the answer may have.</param>
    /// <param name="mostRoom">How many it could have if the device had shown where it is.</param>
    /// <param name="digest">What tells the message from all others; null for one that nobody knows again.</param>
    /// <param name="receivedAt">When it was received; null for now.</param>
    public async Task<string?> SpeakAsync(string device, string payload = "", bool confirmable = true, int room = 1024, int mostRoom = 1024, UInt128? digest = null, DateTimeOffset? receivedAt = null)
    {
        var known = await Directory.FindAsync(DeviceId.Parse(device), CancellationToken.None);
        var registration = (await Registry.FindAsync(known!, CancellationToken.None)).Registration;
        var request = new UplinkRequest { RequestId = $"u{Interlocked.Increment(ref _exchanges)}", Method = "POST", Path = "/", ReceivedAt = receivedAt ?? Time.GetUtcNow(), Peer = "", AnswerRoom = room };
        var (begun, verdict) = await Delivery.BeginAsync(known!.Id, new CommandMessage(registration, Encoding.UTF8.GetBytes(payload), request, confirmable) { Digest = digest, MostRoom = mostRoom }, CancellationToken.None);
        Verdict = verdict;
        using var exchange = begun;
        if (exchange is null)
        {
            return null;
        }

        var first = await Journal.AppendAsync([JournalInAFolder.Record(request.RequestId) with { Path = request.Path, Payload = Encoding.UTF8.GetBytes(payload) }, .. exchange.Records], CancellationToken.None);
        Delivery.Took(exchange, first + 1);
        return exchange.Payload is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null;
    }

    /// <summary>A command as a text: its state, how often it was sent, and why.</summary>
    public async Task<string> StateOfAsync(string requestId)
    {
        var command = (await Consumer.FindAsync(requestId, CancellationToken.None))!;
        return $"{command.State.Name()} {command.Attempts}{(command.Reason is { } reason ? $": {reason}" : "")}";
    }

    /// <summary>Closes everything, and opens it again on what is on disk.</summary>
    public async Task RestartAsync(Action? between = null)
    {
        await CloseAsync();
        between?.Invoke();
        await OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Meters.Dispose();
        _folder.Dispose();
        Log.ExpectNoErrors();
    }

    private async Task CloseAsync()
    {
        if (_storeFollows)
        {
            await Follower.StopAsync(CancellationToken.None);
        }

        await _services.DisposeAsync();
    }

    private async Task OpenAsync()
    {
        _services = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(Log).SetMinimumLevel(LogLevel.Debug))
            .AddSingleton<System.Diagnostics.Metrics.IMeterFactory>(Meters)
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton(new StorageSettings { Path = _folder.PathOf("gateway.db") })
            .AddSingleton(new ScriptSettings { Path = _folder.PathOf("scripts"), VersionsPath = null, CacheTtlSeconds = 3600 })
            .AddSingleton(new DeviceSettings())
            .AddSingleton(new CommandSettings { MaxQueuedPerDevice = MaxQueuedPerDevice, MaxRuns = MaxRuns, ObserveMaxAgeSeconds = PushBench.MaxAge })
            .AddSingleton(new ProfileCatalog(new Dictionary<string, ProfileSettings>
            {
                ["asks"] = new() { Script = ScriptRef, Confirm = CommandConfirm.Script, ConfirmTimeoutSeconds = 60 },
                ["trusts"] = new() { Script = ScriptRef, Confirm = CommandConfirm.Sent },
            }))
            .AddSingleton<JournalMetrics>()
            .AddSingleton<IJournal>(provider => new SqliteJournal(
                new JournalSettings { Path = _folder.PathOf("journal.db") }, [], Time, provider.GetRequiredService<JournalMetrics>(), provider.GetRequiredService<ILogger<SqliteJournal>>()))
            .AddSingleton<LiteDbStore>()
            .AddSingleton<IDeviceStore, LiteDbDeviceStore>()
            .AddSingleton<ICommandStore, LiteDbCommandStore>()
            .AddSingleton<Sightings>()
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
            .AddSingleton<CommandIndex>()
            .AddSingleton<CommandMetrics>()
            .AddSingleton<CommandScripts>()
            .AddSingleton<CommandRegistry>()
            .AddSingleton<DeviceTurns>()
            .AddSingleton<CommandFollower>()
            .AddSingleton<CommandLedger>()
            .AddSingleton<CommandConsumer>()
            .AddSingleton<CommandBatches>()
            .AddSingleton<ICommandRunStore, LiteDbCommandRunStore>()
            .AddSingleton<RunTallies>()
            .AddSingleton<RunSelection>()
            .AddSingleton<CommandRuns>()
            .AddSingleton<RunQueuer>()
            .AddSingleton<RecentExchanges>()
            .AddSingleton<CommandOutlooks>()
            .AddSingleton<CommandDelivery>()
            .AddSingleton<DeviceTraces>()
            .AddSingleton<DeviceAddresses>()
            .AddSingleton<CommandListeners>()
            .AddSingleton<PushesUnderWay>()
            .AddSingleton<PushQueue>()
            .AddSingleton(new CoapSettings())
            .AddSingleton<CommandPush>()
            .AddSingleton<CommandLoader>()
            .BuildServiceProvider();
        await ((SqliteJournal)Journal).StartAsync(CancellationToken.None);
        await _services.GetRequiredService<CommandLoader>().StartAsync(CancellationToken.None);
        if (_storeFollows)
        {
            await Follower.StartAsync(CancellationToken.None);
        }
    }
}
