using Gateway.Scripting;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Scripting;

/// <summary>A catalog over a folder of its own.</summary>
internal sealed class CatalogFixture : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gateway-scripts-").FullName;

    public CatalogFixture()
    {
        Folder = new ScriptFolder(Path.Combine(_root, "scripts"));
        Protos = new ProtoFolder(Path.Combine(_root, "protos"));
        Directory.CreateDirectory(Folder.Path);
        Metrics = new ScriptMetrics(Meters, Unloaded);
        var settings = new ScriptSettings { Path = Folder.Path };
        Catalog = new ScriptCatalog(Folder, new SourceReader(Folder, Protos, settings), new ScriptBuilder(Unloaded, settings), Unloaded, Metrics, Time, Log);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public ScriptFolder Folder { get; }

    public ProtoFolder Protos { get; }

    public UnloadedContexts Unloaded { get; } = new();

    public Meters Meters { get; } = new();

    public ScriptMetrics Metrics { get; }

    public RecordedLog<ScriptCatalog> Log { get; } = new();

    public ScriptCatalog Catalog { get; }

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
        Meters.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}
