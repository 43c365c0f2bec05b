using System.Globalization;
using Gateway.Scripting;
using Gateway.Tests.Support;

namespace Gateway.Tests.Scripting;

/// <summary>A version that fails the vectors beside its script does not go live.</summary>
internal sealed class GoldenVectorTests
{
    private const string Vectors = "x.vectors.json";

    private CatalogFixture _house = null!;

    [SetUp]
    public void SetUp() => _house = new CatalogFixture();

    [TearDown]
    public void TearDown() => _house.Dispose();

    [Test]
    public async Task A_version_that_passes_goes_live()
    {
        _house.Write(Vectors, Wanting(1));
        _house.Write("x.csx", CatalogFixture.Giving(1));

        var script = await _house.GetAsync("x.csx");

        Assert.That((CatalogFixture.Given(script), script.Problems.Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task A_version_that_fails_is_refused_and_the_last_good_one_serves()
    {
        _house.Write(Vectors, Wanting(1));
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var script = await _house.GetAsync("x.csx");
        var good = script.Current!;

        _house.Write("x.csx", CatalogFixture.Giving(2));
        await _house.RefreshAsync("x.csx");

        const string Problem = "scripts/x.vectors.json(2,3): error GW0021: the script fails the vector \"the number\": reading 1: values: expected [1], got [2]";
        Assert.Multiple(() =>
        {
            Assert.That(script.Current, Is.SameAs(good));
            Assert.That(CatalogFixture.Given(script), Is.EqualTo(1));
            Assert.That(script.Problems.Select(problem => problem.ToString()), Is.EqualTo([Problem]));
            Assert.That(_house.Log.Lines.Skip(1), Is.EqualTo(
                [$"Error: {Problem}", $"Warning: script x.csx: version {good.Version} stays live until the file is mended"]));
            Assert.That(_house.Meters["gateway.script.loads/failed"], Is.EqualTo(1));
        });
    }

    [Test]
    public async Task A_refused_version_goes_live_when_its_vectors_are_mended()
    {
        _house.Write(Vectors, Wanting(1));
        _house.Write("x.csx", CatalogFixture.Giving(2));
        var script = await _house.GetAsync("x.csx");
        Assert.That((script.Current, script.Problems.Count), Is.EqualTo(((CompiledScript?)null, 1)));

        _house.Write(Vectors, Wanting(2));
        await _house.RefreshAsync("x.csx");

        Assert.That((CatalogFixture.Given(script), script.Problems.Count), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task A_refused_version_is_not_compiled_again_for_nothing()
    {
        _house.Write(Vectors, Wanting(1));
        _house.Write("x.csx", CatalogFixture.Giving(2));
        await _house.GetAsync("x.csx");
        await _house.RefreshAsync("x.csx");

        Assert.That(_house.Meters["gateway.script.loads/failed"], Is.EqualTo(1));
    }

    [Test]
    public async Task Vectors_that_the_live_version_fails_are_told_and_leave_it_live()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var script = await _house.GetAsync("x.csx");
        var live = script.Current;

        _house.Write(Vectors, Wanting(2));
        await _house.RefreshAsync("x.csx");
        Assert.That((script.Current, script.Problems.Single().Code), Is.EqualTo((live, "GW0021")));

        File.Delete(_house.FileOf(Vectors));
        await _house.RefreshAsync("x.csx");
        Assert.That((script.Current, script.Problems.Count), Is.EqualTo((live, 0)));
    }

    [Test]
    public async Task Vectors_that_can_not_be_used_let_nothing_through()
    {
        _house.Write(Vectors, "[\n  {\"name\": \"a\"}\n]");
        _house.Write("x.csx", CatalogFixture.Giving(1));

        var script = await _house.GetAsync("x.csx");

        Assert.That(script.Current, Is.Null);
        Assert.That(script.Problems[0].ToString(), Does.StartWith("scripts/x.vectors.json(2,3): error GW0020: exactly one of payload"));
    }

    [Test]
    public async Task Vectors_that_can_not_be_read_let_nothing_through()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        _house.Write(Vectors, Wanting(1));
        using var held = File.Open(_house.FileOf(Vectors), FileMode.Open, FileAccess.Read, FileShare.None);

        var script = await _house.GetAsync("x.csx");

        Assert.That(script.Current, Is.Null);
        Assert.That(script.Problems.Single().ToString(), Does.StartWith("scripts/x.vectors.json(1,1): error GW0009: the file can't be read: "));
    }

    [Test]
    public async Task Refused_versions_leave_no_context_alive()
    {
        _house.Write(Vectors, Wanting(0));
        for (var i = 1; i <= 10; i++)
        {
            _house.Write("x.csx", CatalogFixture.Giving(i));
            Assert.That((await _house.RefreshAsync("x.csx")).Current, Is.Null);
        }

        for (var attempt = 0; attempt < 20 && _house.Unloaded.Alive > 0; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(_house.Unloaded.Alive, Is.Zero);
    }

    [Test]
    public async Task An_edit_of_the_vectors_is_seen_by_itself()
    {
        _house.Write(Vectors, Wanting(2));
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var script = await _house.GetAsync("x.csx");
        var log = new RecordedLog<ScriptWatcher>();
        using var watcher = new ScriptWatcher(_house.Catalog, _house.Folder, TimeProvider.System, log, _house.Protos);
        await watcher.StartAsync(CancellationToken.None);

        _house.Write(Vectors, Wanting(1));
        Assert.That(() => script.Current, Is.Not.Null.After(20_000, 20));
        File.Delete(_house.FileOf(Vectors));
        _house.Write("x.csx", CatalogFixture.Giving(3));
        Assert.That(() => CatalogFixture.Given(script), Is.EqualTo(3).After(20_000, 20));
        _house.Write(Vectors, Wanting(4));
        Assert.That(() => script.Problems, Is.Not.Empty.After(20_000, 20));

        await watcher.StopAsync(CancellationToken.None);
        Assert.That(log.Lines, Is.Empty);
    }

    private static string Wanting(int number) => string.Create(
        CultureInfo.InvariantCulture, $$"""
        [
          {"name": "the number", "payload": "", "expect": [{"values": [{{number}}]}]}
        ]
        """);
}
