using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>Scripts are compiled once for all, and a bad edit takes nothing away.</summary>
internal sealed class ScriptCatalogTests
{
    private CatalogFixture _house = null!;

    [SetUp]
    public void SetUp() => _house = new CatalogFixture();

    [TearDown]
    public void TearDown() => _house.Dispose();

    [Test]
    public async Task A_script_is_compiled_when_first_asked_for()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        Assert.That(_house.Catalog.Loaded, Is.Empty);

        var script = await _house.GetAsync("x.csx");

        Assert.Multiple(() =>
        {
            Assert.That(CatalogFixture.Given(script), Is.EqualTo(1));
            Assert.That(script.Current!.Name, Is.EqualTo("scripts/x.csx"));
            Assert.That(script.LoadedAt, Is.EqualTo(_house.Time.GetUtcNow()));
            Assert.That(script.Problems, Is.Empty);
            Assert.That(_house.Catalog.Loaded, Is.EqualTo([script]));
            Assert.That(_house.Log.Lines, Is.EqualTo([$"Information: script x.csx: version {script.Current.Version} is live"]));
        });
    }

    [Test]
    public async Task Many_who_ask_at_once_get_one_compilation()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var meters = _house.Meters;

        var scripts = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => _house.GetAsync("x.csx"))));

        Assert.Multiple(() =>
        {
            Assert.That(scripts.Distinct().Count(), Is.EqualTo(1));
            Assert.That(meters["gateway.script.loads/ok"], Is.EqualTo(1));
        });
    }

    [Test]
    public async Task One_who_stops_waiting_does_not_stop_the_others()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        using var impatient = new CancellationTokenSource();
        await impatient.CancelAsync();

        var first = _house.Catalog.GetAsync("x.csx", impatient.Token).AsTask();

        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(CatalogFixture.Given(await _house.GetAsync("x.csx")), Is.EqualTo(1));
    }

    [Test]
    public async Task An_edit_is_seen_by_all_who_have_the_script()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var held = await _house.GetAsync("x.csx");
        _house.Time.Advance(TimeSpan.FromMinutes(1));
        _house.Write("x.csx", CatalogFixture.Giving(2));

        var refreshed = await _house.RefreshAsync("x.csx");

        Assert.Multiple(() =>
        {
            Assert.That(refreshed, Is.SameAs(held));
            Assert.That(CatalogFixture.Given(held), Is.EqualTo(2));
            Assert.That(held.LoadedAt, Is.EqualTo(_house.Time.GetUtcNow()));
        });
    }

    [Test]
    public async Task The_same_content_is_not_compiled_again()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var script = await _house.GetAsync("x.csx");
        var version = script.Current;
        _house.Write("x.csx", CatalogFixture.Giving(1));

        await _house.RefreshAsync("x.csx");

        Assert.That(script.Current, Is.SameAs(version));
    }

    [Test]
    public async Task A_broken_edit_leaves_the_last_good_version_and_its_repair_clears_the_problems()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var script = await _house.GetAsync("x.csx");
        var good = script.Current!;
        _house.Write("x.csx", "int a = ;\n" + CatalogFixture.Giving(2));
        await _house.RefreshAsync("x.csx");

        Assert.Multiple(() =>
        {
            Assert.That(script.Current, Is.SameAs(good));
            Assert.That(CatalogFixture.Given(script), Is.EqualTo(1));
            Assert.That(script.Problems.Select(problem => problem.ToString()), Is.EqualTo(["scripts/x.csx(1,9): error CS1525: Invalid expression term ';'"]));
            Assert.That(_house.Log.Lines.Skip(1), Is.EqualTo(
            [
                "Error: scripts/x.csx(1,9): error CS1525: Invalid expression term ';'",
                $"Warning: script x.csx: version {good.Version} stays live until the file is mended",
            ]));
        });

        _house.Write("x.csx", CatalogFixture.Giving(3));
        await _house.RefreshAsync("x.csx");

        Assert.Multiple(() =>
        {
            Assert.That(CatalogFixture.Given(script), Is.EqualTo(3));
            Assert.That(script.Problems, Is.Empty);
        });
    }

    [Test]
    public async Task A_deleted_file_leaves_the_last_good_version()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var script = await _house.GetAsync("x.csx");
        File.Delete(_house.FileOf("x.csx"));
        await _house.RefreshAsync("x.csx");

        Assert.Multiple(() =>
        {
            Assert.That(CatalogFixture.Given(script), Is.EqualTo(1));
            Assert.That(script.Problems.Select(problem => problem.ToString()), Is.EqualTo([$"scripts/x.csx(1,1): error GW0009: there is no such script in {_house.Folder.Path}"]));
        });

        _house.Write("x.csx", CatalogFixture.Giving(1));
        await _house.RefreshAsync("x.csx");

        Assert.Multiple(() =>
        {
            Assert.That(script.Problems, Is.Empty);
            Assert.That(_house.Log.Lines[^1], Is.EqualTo($"Information: script x.csx: the file is as version {script.Current!.Version} again, which is live"));
        });
    }

    [Test]
    public async Task A_file_that_can_not_be_read_leaves_the_last_good_version()
    {
        _house.Write("x.csx", CatalogFixture.Giving(1));
        var script = await _house.GetAsync("x.csx");
        File.Delete(_house.FileOf("x.csx"));
        Directory.CreateDirectory(_house.FileOf("x.csx"));
        await _house.RefreshAsync("x.csx");

        Assert.Multiple(() =>
        {
            Assert.That(CatalogFixture.Given(script), Is.EqualTo(1));
            Assert.That(script.Problems.Single().Code, Is.EqualTo("GW0009"));
        });
    }

    [Test]
    public async Task The_same_problem_is_logged_once()
    {
        _house.Write("x.csx", "int a = ;");
        await _house.GetAsync("x.csx");
        _house.Write("x.csx", "int a = ;//");
        await _house.RefreshAsync("x.csx");
        await _house.RefreshAsync("x.csx");

        Assert.That(_house.Log.Lines, Is.EqualTo(["Error: scripts/x.csx(1,9): error CS1525: Invalid expression term ';'"]));
    }

    [Test]
    public async Task A_script_that_was_not_there_is_live_when_it_appears()
    {
        var script = await _house.GetAsync("x.csx");
        Assert.That(script.Current, Is.Null);
        _house.Write("x.csx", CatalogFixture.Giving(1));

        await _house.RefreshAsync("x.csx");

        Assert.That(CatalogFixture.Given(script), Is.EqualTo(1));
    }

    [TestCase("../x.csx")]
    [TestCase("..\\x.csx")]
    [TestCase("/etc/x.csx")]
    [TestCase("C:\\x.csx")]
    [TestCase("C:x.csx")]
    [TestCase("sub/x.csx")]
    [TestCase("..csx")]
    [TestCase(".csx")]
    [TestCase(".hidden.csx")]
    [TestCase("x.cs")]
    [TestCase("x.csx\0.txt")]
    [TestCase("x.csx.exe")]
    [TestCase("passwd")]
    [TestCase("")]
    public async Task A_reference_that_is_no_file_name_of_a_script_is_refused(string scriptRef)
    {
        Directory.CreateDirectory(_house.FileOf("sub"));
        foreach (var path in new[] { "../x.csx", "sub/x.csx", ".hidden.csx", "..csx", "x.cs" })
        {
            _house.Write(path, CatalogFixture.Giving(1));
        }

        var script = await _house.GetAsync(scriptRef);

        Assert.Multiple(() =>
        {
            Assert.That(script.Current, Is.Null);
            Assert.That(script.Problems.Single().ToString(), Does.StartWith("scripts(1,1): error GW0010: \"").And.Contain("does not name a script"));
            Assert.That(_house.Catalog.Loaded, Is.Empty);
        });
    }

    [Test]
    public async Task A_reference_can_not_break_a_log_line()
    {
        var script = await _house.GetAsync("a\n\u001b[31m\ud800.csx");

        Assert.That(script.Problems.Single().Message, Does.StartWith("\"a\\n\\u001B[31m\\uFFFD.csx\" does not name a script"));
    }

    [Test]
    public async Task A_file_that_is_too_long_is_a_problem()
    {
        _house.Write("x.csx", new string(' ', 3 * SourceLimits.Length));

        var script = await _house.GetAsync("x.csx");

        Assert.That(script.Problems.Single().Code, Is.EqualTo("GW0005"));
    }

    [Test]
    public async Task Names_of_files_that_are_not_there_are_not_kept_without_end()
    {
        for (var i = 0; i < 1100; i++)
        {
            await _house.GetAsync($"{i}.csx");
        }

        _house.Write("real.csx", CatalogFixture.Giving(7));

        Assert.Multiple(async () =>
        {
            Assert.That(_house.Catalog.Loaded, Has.Count.EqualTo(1000));
            Assert.That(CatalogFixture.Given(await _house.GetAsync("real.csx")), Is.EqualTo(7));
            Assert.That((await _house.GetAsync("9999.csx")).Problems.Single().Code, Is.EqualTo("GW0009"));
        });
    }

    [Test]
    public async Task Replaced_versions_leave_no_context_alive()
    {
        var meters = _house.Meters;
        for (var i = 0; i < 50; i++)
        {
            _house.Write("x.csx", CatalogFixture.Giving(i));
            Assert.That(CatalogFixture.Given(await _house.RefreshAsync("x.csx")), Is.EqualTo(i));
        }

        for (var attempt = 0; attempt < 20 && _house.Unloaded.Alive > 0; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Multiple(() =>
        {
            Assert.That(_house.Unloaded.Alive, Is.Zero);
            Assert.That(meters["gateway.script.contexts.unloaded_alive"], Is.Zero);
            Assert.That(meters["gateway.script.loads/ok"], Is.EqualTo(50));
        });
    }

    [Test]
    public async Task Loads_and_parses_are_counted()
    {
        var meters = _house.Meters;
        _house.Write("x.csx", CatalogFixture.Giving(1));
        _house.Write("y.csx", "");
        await _house.GetAsync("x.csx");
        await _house.GetAsync("y.csx");
        await _house.GetAsync("z.csx");
        _house.Metrics.Called("x.csx", ScriptFunction.Parse, null, TimeSpan.FromMilliseconds(1));
        _house.Metrics.Called("x.csx", ScriptFunction.Parse, ScriptFailureKind.InvalidPayload, TimeSpan.FromMilliseconds(1));

        Assert.Multiple(() =>
        {
            Assert.That(meters["gateway.script.loads/ok"], Is.EqualTo(1));
            Assert.That(meters["gateway.script.loads/failed"], Is.EqualTo(2));
            Assert.That(meters.Count("gateway.script.load.duration"), Is.EqualTo(2));
            Assert.That(meters["gateway.script.calls/ok"], Is.EqualTo(1));
            Assert.That(meters["gateway.script.calls/invalid_payload"], Is.EqualTo(1));
            Assert.That(meters.Count("gateway.script.call.duration"), Is.EqualTo(2));
        });
    }
}
