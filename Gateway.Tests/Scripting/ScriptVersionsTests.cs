using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>A script's versions: remembered, gone back to, and over a restart.</summary>
internal sealed class ScriptVersionsTests
{
    private CatalogFixture _house = null!;

    [SetUp]
    public void SetUp() => _house = new CatalogFixture();

    [TearDown]
    public void TearDown() => _house.Dispose();

    [Test]
    public async Task The_version_before_can_be_gone_back_to_and_stays_until_the_file_is_edited()
    {
        var script = await SwapAsync(1, 2);
        var second = script.Current!.Version;

        Assert.That(await ActivateAsync(null), Is.Null);
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(1));
        Assert.That(
            script.Problems.Single().ToString(),
            Is.EqualTo($"scripts/x.csx(1,1): error GW0013: version {second} of the file is not live: we said so. Version {script.Current.Version} serves until the file is edited, or the other version is activated"));

        await _house.RefreshAsync("x.csx");
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(1), "the file is still the same");

        _house.Write("x.csx", CatalogFixture.Giving(3));
        await _house.RefreshAsync("x.csx");
        Assert.That((CatalogFixture.Given(script), script.Problems.Count), Is.EqualTo((3, 0)));
    }

    [Test]
    public async Task The_version_of_the_file_can_be_activated_again()
    {
        var script = await SwapAsync(1, 2);
        var second = script.Current!.Version;
        await ActivateAsync(null);

        Assert.That(await ActivateAsync(second), Is.Null);

        Assert.That((CatalogFixture.Given(script), script.Problems.Count), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task Going_back_twice_goes_back_further_and_never_to_what_was_left_behind()
    {
        var script = await SwapAsync(1, 2, 3);

        Assert.That((await ActivateAsync(null), CatalogFixture.Given(script)), Is.EqualTo(((string?)null, 2)));
        await _house.ReopenAsync();
        script = await _house.GetAsync("x.csx");
        Assert.That((await ActivateAsync(null), CatalogFixture.Given(script)), Is.EqualTo(((string?)null, 1)));
        Assert.That((await ActivateAsync(null), CatalogFixture.Given(script)), Is.EqualTo(("there is no earlier version", 1)));

        Assert.That(await ActivateAsync(script.State.FileVersion), Is.Null, "who names it wants it");
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(3));
    }

    [Test]
    public async Task So_many_versions_are_kept_as_configured()
    {
        var script = await SwapAsync(1, 2, 3, 4, 5, 6);

        Assert.That(script.State.Past.Select(past => past.Source.Text), Is.EqualTo(new[] { 5, 4, 3 }.Select(CatalogFixture.Giving)));
    }

    [Test]
    public async Task What_is_no_earlier_version_can_not_be_activated()
    {
        var script = await SwapAsync(1);
        Assert.That(await ActivateAsync(null), Is.EqualTo("there is no earlier version"));
        Assert.That(await ActivateAsync(script.Current!.Version), Is.EqualTo($"version {script.Current.Version} is live already"));

        await SwapAsync(2);
        Assert.That(await ActivateAsync("0123"), Is.EqualTo($"there is no version 0123; those that can be had are {script.State.Past[0].Version}"));
        Assert.That(await _house.Catalog.ActivateAsync("../x.csx", null, "we said so", CancellationToken.None), Does.Contain("does not name a script"));
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(2));
    }

    [Test]
    public async Task After_a_restart_a_version_that_was_turned_away_stays_away()
    {
        await SwapAsync(1, 2);
        await ActivateAsync(null);
        await _house.ReopenAsync();

        var script = await _house.GetAsync("x.csx");

        Assert.That(CatalogFixture.Given(script), Is.EqualTo(1));
        Assert.That(script.Problems.Single().Code, Is.EqualTo(ScriptProblemCode.TurnedAway));
        Assert.That(await ActivateAsync(script.State.FileVersion), Is.Null);
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(2));
    }

    [Test]
    public async Task After_a_restart_a_broken_or_missing_file_leaves_the_last_good_version()
    {
        var since = (await SwapAsync(1, 2)).LoadedAt;
        _house.Time.Advance(TimeSpan.FromHours(1));
        _house.Write("x.csx", "int a = ;");
        await _house.ReopenAsync();

        var script = await _house.GetAsync("x.csx");
        Assert.That((CatalogFixture.Given(script), script.LoadedAt, script.Problems[0].Code), Is.EqualTo((2, since, "CS1525")));
        Assert.That(script.State.Past.Single().Source.Text, Is.EqualTo(CatalogFixture.Giving(1)));

        File.Delete(_house.FileOf("x.csx"));
        await _house.ReopenAsync();
        script = await _house.GetAsync("x.csx");
        Assert.That((CatalogFixture.Given(script), script.Problems.Single().Code), Is.EqualTo((2, ScriptProblemCode.Unreadable)));
    }

    [Test]
    public async Task A_file_that_was_edited_while_the_gateway_was_off_has_its_predecessor_to_go_back_to()
    {
        await SwapAsync(1);
        _house.Write("x.csx", CatalogFixture.Giving(2));
        await _house.ReopenAsync();

        var script = await _house.GetAsync("x.csx");
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(2));

        await ActivateAsync(null);
        Assert.That(CatalogFixture.Given(script), Is.EqualTo(1));
    }

    [Test]
    public async Task What_a_version_loads_is_remembered_with_it()
    {
        Directory.CreateDirectory(_house.FileOf("lib"));
        _house.Write("lib/number.csx", "const int Number = 7;");
        _house.Write("x.csx", $"#load \"lib/number.csx\"\n// #load \"lib/none.csx\"\nReading[] parse(byte[] payload, DeviceConfig config) => [new(\"A\", Number)];\n{Scripts.NoCommands}");
        var version = (await _house.GetAsync("x.csx")).Current!.Version;
        _house.Write("lib/number.csx", "const int Number = ;");
        await _house.ReopenAsync();

        var script = await _house.GetAsync("x.csx");

        Assert.That((CatalogFixture.Given(script), script.Current!.Version), Is.EqualTo((7, version)));
        Assert.That(script.Problems[0].ToString(), Does.StartWith("scripts/lib/number.csx(1,"));
    }

    [TestCase("not JSON")]
    [TestCase("{}")]
    [TestCase("{\"versions\": [{}]}")]
    [TestCase("{\"versions\": [null]}")]
    [TestCase("null")]
    public async Task A_damaged_memory_is_none(string text)
    {
        await SwapAsync(1);
        File.WriteAllText(Path.Combine(_house.Settings.VersionsPath!, "x.csx.json"), text);
        await _house.ReopenAsync();

        Assert.That(CatalogFixture.Given(await _house.GetAsync("x.csx")), Is.EqualTo(1));
    }

    [Test]
    public async Task A_memory_that_can_not_be_written_is_told_and_does_no_harm()
    {
        File.WriteAllText(_house.Settings.VersionsPath!, "in the way");

        Assert.That(CatalogFixture.Given(await SwapAsync(1, 2)), Is.EqualTo(2));
        Assert.That(_house.VersionsLog.Lines, Has.All.StartWith("Warning: the versions can't be remembered in "));
    }

    private async Task<CatalogScript> SwapAsync(params int[] numbers)
    {
        CatalogScript? script = null;
        foreach (var number in numbers)
        {
            _house.Write("x.csx", CatalogFixture.Giving(number));
            script = await _house.RefreshAsync("x.csx");
        }

        return script!;
    }

    private Task<string?> ActivateAsync(string? version) => _house.Catalog.ActivateAsync("x.csx", version, "we said so", CancellationToken.None);
}
