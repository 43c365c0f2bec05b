using Gateway.Scripting;
using Gateway.Tests.Support;

namespace Gateway.Tests.Scripting;

/// <summary>An edit is live without anybody asking for it.</summary>
internal sealed class ScriptWatcherTests
{
    private CatalogFixture _house = null!;
    private RecordedLog<ScriptWatcher> _log = null!;

    [SetUp]
    public void SetUp() => (_house, _log) = (new CatalogFixture(), new RecordedLog<ScriptWatcher>());

    [TearDown]
    public void TearDown() => _house.Dispose();

    [Test]
    public async Task An_edit_goes_live_within_seconds()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var script = await _house.GetAsync("x.csx");
        await using var running = await Running.StartAsync(_house, _log);

        _house.Write("x.csx", CatalogFixture.Giving(2));

        Assert.That(() => CatalogFixture.Given(script), Is.EqualTo(2).After(20_000, 20));
        Assert.That(_log.Lines, Is.Empty);
    }

    [Test]
    public async Task An_edit_of_a_loaded_file_makes_all_that_load_it_live_anew()
    {
        Directory.CreateDirectory(_house.FileOf("lib"));
        _house.Write("lib/number.csx", "const int Number = 1;");
        var loading = $"#load \"lib/number.csx\"\n{CatalogFixture.Giving(0).Replace("0", "Number", StringComparison.Ordinal)}";
        _house.Write("x.csx", loading);
        _house.Write("y.csx", loading);
        var (x, y) = (await _house.GetAsync("x.csx"), await _house.GetAsync("y.csx"));
        await using var running = await Running.StartAsync(_house, _log);

        _house.Write("lib/number.csx", "const int Number = 2;");

        Assert.That(() => CatalogFixture.Given(x) + CatalogFixture.Given(y), Is.EqualTo(4).After(20_000, 20));
    }

    [Test]
    public async Task A_loaded_file_that_appears_heals_the_script()
    {
        _house.Write("x.csx", $"#load \"lib/number.csx\"\n{CatalogFixture.Giving(0).Replace("0", "Number", StringComparison.Ordinal)}");
        var script = await _house.GetAsync("x.csx");
        Assert.That(script.Current, Is.Null);
        await using var running = await Running.StartAsync(_house, _log);

        Directory.CreateDirectory(_house.FileOf("lib"));
        _house.Write("lib/number.csx", "const int Number = 3;");

        Assert.That(() => script.Current, Is.Not.Null.After(20_000, 20));
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(3));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_proto_that_appears_breaks_and_changes_is_followed(bool folderIsThere)
    {
        if (folderIsThere)
        {
            Directory.CreateDirectory(_house.Protos.Path);
        }

        _house.Write("x.csx", $"Reading[] parse(byte[] payload, DeviceConfig config) => [new(\"A\", Acme.Door.AFieldNumber)];\n{Scripts.NoCommands}");
        var script = await _house.GetAsync("x.csx");
        Assert.That(script.Problems, Has.One.Property(nameof(ScriptProblem.Code)).EqualTo("CS0103"));
        await using var running = await Running.StartAsync(_house, _log);

        Directory.CreateDirectory(_house.Protos.Path);
        Proto("message Door { int32 a = 1; }");
        Assert.That(() => script.Current is { } live ? CatalogFixture.Given(script) : 0, Is.EqualTo(1).After(20_000, 20));
        Proto("message Door { int32 a = ; }");
        Assert.That(() => script.Problems, Has.One.Property(nameof(ScriptProblem.Code)).EqualTo("GW0070").After(20_000, 20));
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(1), "the last good version goes on");
        Proto("message Door { int32 a = 2; }");
        Assert.That(() => CatalogFixture.Given(script), Is.EqualTo(2).After(20_000, 20));
        Assert.That(_log.Lines, Is.Empty);

        void Proto(string message) => File.WriteAllText(Path.Combine(_house.Protos.Path, "door.proto"), $"syntax = \"proto3\";\npackage acme;\n{message}");
    }

    [Test]
    public async Task A_file_that_is_moved_over_the_old_one_goes_live()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var script = await _house.GetAsync("x.csx");
        await using var running = await Running.StartAsync(_house, _log);

        _house.Write("x.csx.tmp", CatalogFixture.Giving(2));
        File.Move(_house.FileOf("x.csx.tmp"), _house.FileOf("x.csx"), overwrite: true);

        Assert.That(() => CatalogFixture.Given(script), Is.EqualTo(2).After(20_000, 20));
    }

    [Test]
    public async Task An_edit_that_leaves_length_and_time_as_they_were_is_told_by_the_event()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var script = await _house.GetAsync("x.csx");
        await using var running = await Running.StartAsync(_house, _log);

        // When this edit is live, the events are on.
        _house.Write("x.csx", CatalogFixture.Giving(0));
        Assert.That(() => CatalogFixture.Given(script), Is.Zero.After(20_000, 20));

        _house.Write("other", CatalogFixture.Giving(2));
        File.SetLastWriteTimeUtc(_house.FileOf("other"), File.GetLastWriteTimeUtc(_house.FileOf("x.csx")));
        File.Move(_house.FileOf("other"), _house.FileOf("x.csx"), overwrite: true);

        Assert.That(() => CatalogFixture.Given(script), Is.EqualTo(2).After(20_000, 20));
    }

    [Test]
    public async Task A_half_written_file_is_reported_and_healed()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var script = await _house.GetAsync("x.csx");
        await using var running = await Running.StartAsync(_house, _log);

        _house.Write("x.csx", CatalogFixture.Giving(2)[..40]);
        Assert.That(() => script.Problems, Is.Not.Empty.After(20_000, 20));
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(1));
        _house.Write("x.csx", CatalogFixture.Giving(2));

        Assert.That(() => script.Problems, Is.Empty.After(20_000, 20));
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(2));
    }

    [Test]
    public async Task Where_no_events_come_the_files_are_looked_at()
    {
        // A folder that is not there gives no events, not even when it comes.
        Directory.Delete(_house.Folder.Path);
        var script = await _house.GetAsync("x.csx");
        await using var running = await Running.StartAsync(_house, _log);
        Assert.That(() => _log.Lines, Has.Length.EqualTo(1).After(20_000, 20));
        Assert.That(_log.Lines[0], Does.StartWith($"Warning: the scripts folder {_house.Folder.Path} can't be watched"));

        Directory.CreateDirectory(_house.Folder.Path);
        _house.Write("x.csx", CatalogFixture.Giving(1));
        Assert.That(() => script.Current, Is.Not.Null.After(20_000, 20));
        _house.Write("x.csx", CatalogFixture.Giving(22));
        Assert.That(() => CatalogFixture.Given(script), Is.EqualTo(22).After(20_000, 20));
        File.Delete(_house.FileOf("x.csx"));
        Assert.That(() => script.Problems, Is.Not.Empty.After(20_000, 20));
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(22));
    }

    [Test]
    public async Task A_link_that_is_turned_to_another_file_goes_live()
    {
        _house.Write("../one", CatalogFixture.Giving(1));
        _house.Write("../two", CatalogFixture.Giving(22));
        File.CreateSymbolicLink(_house.FileOf("..data"), "../one");
        File.CreateSymbolicLink(_house.FileOf("x.csx"), "..data");
        var script = await _house.GetAsync("x.csx");
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(1));
        await using var running = await Running.StartAsync(_house, _log);

        File.CreateSymbolicLink(_house.FileOf("..new"), "../two");
        File.Move(_house.FileOf("..new"), _house.FileOf("..data"), overwrite: true);

        Assert.That(() => CatalogFixture.Given(script), Is.EqualTo(22).After(20_000, 20));
    }

    private sealed class Running(ScriptWatcher watcher) : IAsyncDisposable
    {
        public static async Task<Running> StartAsync(CatalogFixture house, RecordedLog<ScriptWatcher> log)
        {
            var watcher = new ScriptWatcher(house.Catalog, house.Folder, TimeProvider.System, log, house.Protos);
            await watcher.StartAsync(CancellationToken.None);
            return new Running(watcher);
        }

        public async ValueTask DisposeAsync()
        {
            await watcher.StopAsync(CancellationToken.None);
            watcher.Dispose();
        }
    }
}
