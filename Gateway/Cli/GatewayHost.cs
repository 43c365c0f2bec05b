using Gateway.Api;
using Gateway.Coap;
using Gateway.Coap.Dtls;
using Gateway.Commands;
using Gateway.Configuration;
using Gateway.Devices;
using Gateway.Intake;
using Gateway.Journal;
using Gateway.Routing;
using Gateway.Scripting;
using Gateway.Sinks;
using Gateway.Storage;
using Gateway.Telemetry;
using Gateway.Uplink;

namespace Gateway.Cli;

/// <summary>Puts the rooms together, in the order in which a frame walks through them.</summary>
internal static class GatewayHost
{
    /// <summary>Whoever stops the gateway waits at most this long for what is under way; it usually takes a moment.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The gateway, ready to be started. <paramref name="adjust"/> has the last word on its services.</summary>
    public static WebApplication Create(LoadedConfiguration configuration, Action<IServiceCollection>? adjust = null)
    {
        var settings = configuration.Settings;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Services.AddSingleton(builder.Logging.AddGatewayLogging(settings.Log));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);

        // Each does something only where it was started by the one or the other.
        builder.Services.AddSystemd();
        builder.Services.AddWindowsService();
        builder.Services.AddSingleton(TimeProvider.System);
#pragma warning disable RS0030 // This is where chance comes from.
        builder.Services.AddSingleton(Random.Shared);
#pragma warning restore RS0030
        AddSettings(builder.Services, settings);
        AddRooms(builder.Services, settings);
        AddReload(builder.Services, configuration);
        builder.Services.AddTelemetryExport(settings.Telemetry);
        builder.Services.AddHealth();
        builder.AddManagementApi(settings.Api, settings.Access);
        adjust?.Invoke(builder.Services);

        var app = builder.Build();
        _ = app.Services.GetRequiredService<StartupScripts>().Loaded;
        app.MapManagementApi();
        app.MapMetrics();
        app.MapHealth();
        return app;
    }

    /// <summary>The files that a backup is made of.</summary>
    public static BackupSources SourcesOf(GatewaySettings settings) => new(settings.Journal.Path, settings.Storage.Path, settings.Access.Path);

    private static void AddSettings(IServiceCollection services, GatewaySettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(settings.Coap);
        services.AddSingleton(settings.Devices);
        services.AddSingleton(settings.Scripts);
        services.AddSingleton(settings.Journal);
        services.AddSingleton(settings.Replay);
        services.AddSingleton(settings.Commands);
        services.AddSingleton(settings.Storage);
        services.AddSingleton(settings.Backup);
        services.AddSingleton(settings.Api);
    }

    // Services start in this order and stop in the opposite one: devices are heard last, and refused first.
    private static void AddRooms(IServiceCollection services, GatewaySettings settings)
    {
        services.AddSingleton<JournalMetrics>();
        services.AddSingleton(provider => new SqliteJournal(
            settings.Journal, SinkFactory.CursorNames(settings.Sinks), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<JournalMetrics>(),
            provider.GetRequiredService<ILogger<SqliteJournal>>())
        {
            AlwaysKeepFor = [CommandFollower.Cursor],
            Together = SendTogether.Run,
        });
        services.AddSingleton<IJournal>(provider => provider.GetRequiredService<SqliteJournal>());
        services.AddHostedService(provider => provider.GetRequiredService<SqliteJournal>());

        services.AddSingleton<LiteDbStore>();
        services.AddSingleton(SourcesOf(settings));
        services.AddSingleton<Backups>();
        services.AddHostedService(provider => provider.GetRequiredService<Backups>());
        services.AddSingleton<IDeviceStore, LiteDbDeviceStore>();
        services.AddSingleton<ICommandStore, LiteDbCommandStore>();
        services.AddSingleton<IAddressStore, LiteDbAddressStore>();
        services.AddSingleton<ICommandRunStore, LiteDbCommandRunStore>();

        services.AddSingleton(new ProfileCatalog(settings.Profiles));
        services.AddSingleton<Sightings>();
        services.AddHostedService(provider => provider.GetRequiredService<Sightings>());
        services.AddSingleton<DeviceDirectory>();
        services.AddSingleton<AddressBook>();
        services.AddSingleton<DeviceTraces>();
        services.AddSingleton<SecretBox>();
        services.AddSingleton<IDeviceKeyStore, LiteDbDeviceKeyStore>();
        services.AddSingleton<DeviceKeyRing>();
        services.AddSingleton<IDtlsKeys>(provider => provider.GetRequiredService<DeviceKeyRing>());
        services.AddSingleton<IDeviceCertificateStore, LiteDbDeviceCertificateStore>();
        services.AddSingleton<DeviceCertificates>();
        services.AddSingleton<IDtlsCertificates>(provider => provider.GetRequiredService<DeviceCertificates>());

        services.AddSingleton(new ScriptFolder(settings.Scripts.Path));
        services.AddSingleton<UnloadedContexts>();
        services.AddSingleton<ScriptMetrics>();
        services.AddSingleton(new ProtoFolder(settings.Scripts.ProtosPath));
        services.AddSingleton<SourceReader>();
        services.AddSingleton(provider => ImageCache.Of(settings.Scripts, provider.GetRequiredService<ILogger<ImageCache>>()));
        services.AddSingleton<ScriptBuilder>();
        services.AddSingleton<VersionJudge>();
        services.AddSingleton<ScriptVersionsFile>();
        services.AddSingleton<ScriptCatalog>();
        services.AddSingleton<ShadowRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<ShadowRunner>());
        services.AddSingleton<LiveParser>();
        services.AddHostedService<ScriptWatcher>();

        services.AddSingleton<CommandIndex>();
        services.AddSingleton<CommandMetrics>();
        services.AddSingleton<CommandScripts>();
        services.AddSingleton<CommandRegistry>();
        services.AddSingleton<DeviceTurns>();
        services.AddSingleton<CommandLedger>();
        services.AddSingleton<CommandConsumer>();
        services.AddSingleton<CommandBatches>();
        services.AddSingleton<RunTallies>();
        services.AddSingleton<RunSelection>();
        services.AddSingleton<CommandRuns>();
        services.AddSingleton<CommandDelivery>();
        services.AddSingleton<RecentExchanges>();
        services.AddSingleton<CommandOutlooks>();
        services.AddSingleton<DeviceAddresses>();
        services.AddSingleton<CommandListeners>();
        services.AddSingleton<PushesUnderWay>();
        services.AddSingleton<PushQueue>();
        services.AddSingleton<CommandPush>();
        services.AddHostedService<CommandLoader>();
        services.AddSingleton<CommandFollower>();
        services.AddHostedService(provider => provider.GetRequiredService<CommandFollower>());
        services.AddHostedService(provider => provider.GetRequiredService<CommandPush>());
        services.AddHostedService<CommandSweeper>();
        services.AddHostedService<RunQueuer>();
        services.AddSingleton<StartupScripts>();
        services.AddHostedService<StartupRegistration>();

        services.AddSingleton<SinkMetrics>();
        services.AddSingleton(provider => SinkFactory.Create(
            settings.Sinks, Console.OpenStandardOutput(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SinkDispatcher>>()));
        services.AddSingleton<SinkDispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<SinkDispatcher>());

        services.AddSingleton(settings.Intake);
        services.AddSingleton<IntakeMetrics>();
        services.AddSingleton<CommandIntake>();
        services.AddSingleton<IntakeService>();
        services.AddHostedService(provider => provider.GetRequiredService<IntakeService>());

        services.AddSingleton(new LiveRoutes(RouteTable.Of(settings.Routes)));

        // For who takes it once for each request.
        services.AddTransient(provider => provider.GetRequiredService<LiveRoutes>().Table);
        services.AddSingleton<UplinkMetrics>();
        services.AddSingleton<ReadyScripts>();
        services.AddSingleton<Identification>();
        services.AddSingleton<FrameProof>();
        services.AddSingleton<FailureLog>();
        services.AddSingleton<FrameReader>();
        services.AddSingleton<DeadLetters>();
        services.AddSingleton<FrameReplay>();
        services.AddSingleton<Replays>();
        services.AddHostedService(provider => provider.GetRequiredService<Replays>());
        services.AddHostedService<ApprovalReplays>();
        services.AddSingleton<Responder>();
        services.AddSingleton<Registrar>();
        services.AddSingleton<Refusals>();
        services.AddSingleton<DeviceDataHandler>();
        services.AddSingleton<CommandPollHandler>();
        services.AddSingleton<ICoapSite, UplinkSite>();
        services.AddSingleton<CoapMetrics>();
        services.AddSingleton<DtlsMetrics>();
        services.AddSingleton(provider => SecureLayer.Create(provider, settings.Coap.Dtls));
        services.AddSingleton<CoapServer>();
        services.AddHostedService(provider => provider.GetRequiredService<CoapServer>());
    }

    private static void AddReload(IServiceCollection services, LoadedConfiguration configuration)
    {
        services.AddSingleton(configuration);
        services.AddSingleton<Func<string, SinkSettings, ISink>>(provider => (name, settings) =>
            SinkFactory.Create(
                name, settings, Console.OpenStandardOutput(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SinkDispatcher>>()));
        services.AddSingleton<SinkReloader>();
        services.AddSingleton<LiveSettings>();
        services.AddSingleton<ConfigurationWatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<ConfigurationWatcher>());
        services.AddHealthChecks().AddCheck<ConfigurationHealthCheck>("configuration");
    }
}
