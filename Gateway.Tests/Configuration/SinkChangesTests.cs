using Gateway.Configuration;
using Gateway.Sinks;
using Gateway.Tests.Support;

namespace Gateway.Tests.Configuration;

internal sealed class SinkChangesTests
{
    private TempFolder _folder = null!;
    private SinkChanges _changes = null!;
    private int _writes;

    [SetUp]
    public void Load()
    {
        (_folder, _writes) = (new TempFolder(), 0);
        _changes = new SinkChanges(ConfigurationLoader.Load(new ConfigurationSources { File = Write("""{"sinks": {"a": {"type": "console"}}}""") }));
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void A_file_that_is_as_before_is_no_change() => Assert.That(_changes.Look(), Is.Null);

    [Test]
    public void A_change_of_the_sinks_is_told_once()
    {
        Write("""{"sinks": {"b": {"type": "file", "path": "b.ndjson"}}}""");

        var reload = _changes.Look();

        Assert.That(((FileSinkSettings)reload!.Sinks["b"]).Path, Is.EqualTo(_folder.PathOf("b.ndjson")), "paths start from the file's folder");
        Assert.That((reload.Problems.Count, _changes.Look()), Is.EqualTo((0, (SinkReload?)null)));
    }

    [Test]
    public void A_change_of_something_else_is_none_of_the_sinks()
    {
        Write("""{"coap": {"port": 0}, "sinks": {"a": {"type": "console"}}}""");

        Assert.That(_changes.Look(), Is.Null);
    }

    [Test]
    public void What_is_wrong_is_told_and_what_is_right_again_is_no_change()
    {
        Write("""{"sinks": {"a": {"type": "fax"}}}""");
        Assert.That(_changes.Look()!.Problems.Single(), Does.Contain("\"fax\" is none of"));

        File.Delete(_folder.PathOf("gateway.json"));
        Assert.That(_changes.Look(), Is.Null, "an editor is about to write it");
        Write("""{"sinks": {"a": {"type": "console"}}}""");
        Assert.That(_changes.Look(), Is.Null);
    }

    // Each write is of another time, however coarse the file system's clock is.
    private string Write(string json)
    {
        var file = _folder.Write("gateway.json", json);
        File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 2, 3, 4, _writes++, DateTimeKind.Utc));
        return file;
    }
}
