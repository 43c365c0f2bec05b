using Gateway.Scripting;
using Gateway.Tests.Support;

namespace Gateway.Tests.Scripting;

/// <summary>What is the machine's problem rather than the file's is tried again at the next look, and not more often.</summary>
internal sealed class PassingProblemTests
{
    private TempFolder _folder = null!;
    private Protoc _protoc = null!;
    private CatalogFixture _house = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TempFolder();
        _protoc = new Protoc(_folder.PathOf("tools"), TimeSpan.FromSeconds(10));
        _house = new CatalogFixture(_protoc);
        Directory.CreateDirectory(_house.Protos.Path);
        File.WriteAllText(Path.Combine(_house.Protos.Path, "door.proto"), "syntax = \"proto3\";\npackage acme;\nmessage Door { int32 a = 7; }");
    }

    [TearDown]
    public void TearDown()
    {
        _house.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task A_script_is_live_at_the_next_look_when_protoc_has_come()
    {
        _house.Write("x.csx", UsingDoor(0));
        var script = await _house.GetAsync("x.csx");
        await _house.RefreshAsync("x.csx");
        Assert.That((Codes(script), script.State.FailedVersion), Is.EqualTo(("GW0071", (string?)null)));
        Assert.That(_house.Log.Lines, Has.Length.EqualTo(1), "it is told once");

        Install();
        await _house.RefreshAsync("x.csx");

        Assert.That((CatalogFixture.Given(script), Codes(script)), Is.EqualTo((7, "")));
    }

    [Test]
    public async Task An_edit_goes_live_at_the_next_look_when_protoc_has_come()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var script = await _house.GetAsync("x.csx");
        _house.Write("x.csx", UsingDoor(0));
        await _house.RefreshAsync("x.csx");
        Assert.That((CatalogFixture.Given(script), Codes(script)), Is.EqualTo((1, "GW0071")));

        Install();
        await _house.RefreshAsync("x.csx");

        Assert.That((CatalogFixture.Given(script), Codes(script)), Is.EqualTo((7, "")));
    }

    [Test]
    public async Task A_candidate_is_tried_at_the_next_look_when_protoc_has_come()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        _house.Write("x.csx" + ScriptCandidate.Extension, UsingDoor(0));
        var script = await _house.GetAsync("x.csx");
        Assert.That(script.State.Candidate!.Problems.Single().Code, Is.EqualTo("GW0071"));

        Install();
        await _house.RefreshAsync("x.csx");

        Assert.That(script.State.Candidate!.Script, Is.Not.Null);
    }

    [Test]
    public async Task A_version_that_was_turned_away_stays_so_over_a_start_without_protoc()
    {
        Install();
        _house.Write("x.csx", UsingDoor(1));
        await _house.GetAsync("x.csx");
        _house.Write("x.csx", UsingDoor(2));
        await _house.RefreshAsync("x.csx");
        Assert.That(await _house.Catalog.ActivateAsync("x.csx", null, "we said so", CancellationToken.None), Is.Null);
        File.Delete(_protoc.Program);
        await _house.ReopenAsync();
        var script = await _house.GetAsync("x.csx");
        Assert.That((script.Current, Codes(script)), Is.EqualTo(((CompiledScript?)null, "GW0071")));

        Install();
        await _house.RefreshAsync("x.csx");

        Assert.That((CatalogFixture.Given(script), Codes(script), script.State.Past.Length), Is.EqualTo((8, "GW0013", 1)));
    }

    [Test]
    public async Task A_problem_of_the_file_is_still_not_compiled_twice()
    {
        _house.Write("x.csx", "int a = ;");
        await _house.GetAsync("x.csx");
        await _house.RefreshAsync("x.csx");

        Assert.That(_house.Meters["gateway.script.loads/failed"], Is.EqualTo(1));
    }

    [Test]
    public async Task The_watcher_does_not_try_again_while_nothing_changes()
    {
        _house.Write("x.csx", UsingDoor(0));
        _house.Write("y.csx", CatalogFixture.Giving(1));
        var (x, y) = (await _house.GetAsync("x.csx"), await _house.GetAsync("y.csx"));
        using var log = new RecordedLog<ScriptWatcher>();
        using var watcher = new ScriptWatcher(_house.Catalog, _house.Folder, _house.Time, log, _house.Protos);
        await watcher.StartAsync(CancellationToken.None);

        // Each of these edits takes several looks at all files.
        for (var edit = 2; edit <= 4; edit++)
        {
            // In one step: an edit that the watcher sees half-written is a failed load, too.
            Assert.That(_house.Folder.Write("y.csx", CatalogFixture.Giving(edit)), Is.Null);
            await Eventually.HoldsAsync(() =>
            {
                _house.Time.Advance(ScriptWatcher.Period);
                return CatalogFixture.Given(y) == edit;
            }, "the edit is live");
        }

        Assert.That((Codes(x), _house.Meters["gateway.script.loads/failed"]), Is.EqualTo(("GW0071", 1)));
        File.AppendAllText(_house.FileOf("x.csx"), "\n");
        await Eventually.HoldsAsync(() =>
        {
            _house.Time.Advance(ScriptWatcher.Period);
            return _house.Meters["gateway.script.loads/failed"] > 1;
        }, "an edit is tried");
        await watcher.StopAsync(CancellationToken.None);
    }

    private static string UsingDoor(int plus) =>
        $"Reading[] parse(byte[] payload, DeviceConfig config) => [new(\"A\", Acme.Door.AFieldNumber + {plus})];\n{Scripts.NoCommands}";

    private static string Codes(CatalogScript script) => string.Join(' ', script.Problems.Select(problem => problem.Code));

    private void Install()
    {
        Directory.CreateDirectory(_folder.PathOf("tools"));
        File.Copy(Protoc.BesideGateway.Program, _protoc.Program);
    }
}
