using Gateway.Scripting;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Scripting;

/// <summary>A catalog over a folder of its own.</summary>
internal sealed class CatalogFixture : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gateway-scripts-").FullName;

    private readonly Protoc? _protoc;

    /// <param name="protoc">Null for the one beside the gateway.</param>
    /// <param name="time">The clock; null for one of its own.</param>
    public CatalogFixture(Protoc? protoc = null, FakeTimeProvider? time = null)
    {
        _protoc = protoc;
        Time = time ?? new FakeTimeProvider();
        Time.SetUtcNow(new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero));
        Folder = new ScriptFolder(Path.Combine(_root, "scripts"));
        Protos = new ProtoFolder(Path.Combine(_root, "protos"));
        Directory.CreateDirectory(Folder.Path);
        Metrics = new ScriptMetrics(Meters, Unloaded);
        Settings = new ScriptSettings { Path = Folder.Path, VersionsPath = Path.Combine(_root, "versions"), VersionsKept = 3 };
        Catalog = Open();
    }

    /// <summary>Takes effect when the catalog is opened again.</summary>
    public ScriptSettings Settings { get; set; }

    /// <summary>The catalog as a new start of the gateway would have it.</summary>
    public async Task ReopenAsync()
    {
        await Catalog.DisposeAsync();
        Catalog = Open();
    }

    public FakeTimeProvider Time { get; }

    public ScriptFolder Folder { get; }

    public ProtoFolder Protos { get; }

    public UnloadedContexts Unloaded { get; } = new();

    public Meters Meters { get; } = new();

    public ScriptMetrics Metrics { get; }

    public RecordedLog<ScriptCatalog> Log { get; } = new();

    public RecordedLog<ScriptVersionsFile> VersionsLog { get; } = new();

    public ScriptCatalog Catalog { get; private set; }

    /// <summary>A script whose <c>parse</c> gives this number.</summary>
    public static string Giving(int number) => $"Reading[] parse(byte[] payload, DeviceConfig config) => [new(\"A\", {number})];\n{Scripts.NoCommands}";

    /// <summary>The number that the script's present version gives.</summary>
    public static long Given(CatalogScript script) => script.Current!.Parse().Value[0].Values[0].AsInt64();

    public string FileOf(string scriptRef) => Path.Combine(Folder.Path, scriptRef);

    public void Write(string scriptRef, string source) => File.WriteAllText(FileOf(scriptRef), source);

    public Task<CatalogScript> GetAsync(string scriptRef) => Catalog.GetAsync(scriptRef, CancellationToken.None).AsTask();

    public Task<CatalogScript> RefreshAsync(string scriptRef) => Catalog.RefreshAsync(scriptRef, CancellationToken.None);

    public void Dispose()
    {
        Catalog.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Meters.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private ScriptCatalog Open() => new(
        Folder, new SourceReader(Folder, Protos, Settings), new VersionJudge(new ScriptBuilder(Unloaded, Settings, protoc: _protoc), Metrics, Time, Settings),
        new ScriptVersionsFile(Settings, VersionsLog), Unloaded, Log);
}
