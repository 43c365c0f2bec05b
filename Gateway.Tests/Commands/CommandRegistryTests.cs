using Gateway.Devices;

namespace Gateway.Tests.Commands;

/// <summary>Device → script, with a time to live: the registry on the real store and the real compiler.</summary>
internal sealed class CommandRegistryTests
{
    private CommandsUnderTest _gateway = null!;

    [SetUp]
    public async Task StartAsync() => _gateway = await CommandsUnderTest.StartAsync(Script(1));

    [TearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task A_device_is_registered_when_it_is_first_looked_up()
    {
        var device = await _gateway.AddDeviceAsync("a");
        var before = _gateway.Registry.IsRegistered(device.Id);

        var found = await _gateway.Registry.FindAsync(device, CancellationToken.None);

        Assert.That(found.Problem, Is.Null);
        Assert.That((before, _gateway.Registry.IsRegistered(device.Id)), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task A_registration_lives_as_long_as_configured()
    {
        var device = await _gateway.AddDeviceAsync("a");
        await _gateway.Registry.RegisterDeviceAsync(device, CancellationToken.None);

        _gateway.Time.Advance(TimeSpan.FromSeconds(3599));
        var shortly = _gateway.Registry.IsRegistered(device.Id);
        _gateway.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((shortly, _gateway.Registry.IsRegistered(device.Id)), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task After_its_time_a_registration_is_renewed_with_the_edited_script()
    {
        var device = await _gateway.AddDeviceAsync("a");
        var first = await _gateway.Registry.FindAsync(device, CancellationToken.None);
        var version = first.Registration!.Script.Current!.Version;

        _gateway.WriteScript(Script(2));
        _gateway.Time.Advance(TimeSpan.FromHours(1));
        var renewed = await _gateway.Registry.FindAsync(device, CancellationToken.None);

        Assert.That(renewed.Registration!.Script.Current!.Version, Is.Not.EqualTo(version));
        Assert.That(_gateway.Registry.IsRegistered(device.Id));
    }

    [Test]
    public async Task When_the_renewal_fails_the_old_version_serves()
    {
        var device = await _gateway.AddDeviceAsync("a");
        var first = await _gateway.Registry.FindAsync(device, CancellationToken.None);
        var version = first.Registration!.Script.Current!.Version;

        _gateway.Log.Expect("CS1525");
        _gateway.WriteScript("int broken = ;");
        _gateway.Time.Advance(TimeSpan.FromHours(1));
        var renewed = await _gateway.Registry.FindAsync(device, CancellationToken.None);

        Assert.That(renewed.Registration!.Script.Current!.Version, Is.EqualTo(version));
        Assert.That(renewed.Registration.Script.Problems, Is.Not.Empty);
    }

    [Test]
    public async Task Devices_in_bulk_compile_their_script_once()
    {
        var devices = new List<Device>();
        for (var i = 0; i < 50; i++)
        {
            devices.Add(await _gateway.AddDeviceAsync($"d{i}"));
        }

        await _gateway.Registry.RegisterDevicesAsync(devices, CancellationToken.None);

        Assert.That(devices.All(device => _gateway.Registry.IsRegistered(device.Id)));
        Assert.That(_gateway.Scripts.Loaded, Has.Count.EqualTo(1));
        Assert.That(_gateway.Log.Entries.Count(entry => entry.Text.Contains("is live", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_changed_device_is_registered_anew()
    {
        var device = await _gateway.AddDeviceAsync("a");
        await _gateway.Registry.RegisterDeviceAsync(device, CancellationToken.None);

        await _gateway.Directory.EditAsync(device.Id, (present, now) => present! with { Labels = ["new"], UpdatedAt = now }, CancellationToken.None);
        var changed = (await _gateway.Directory.FindAsync(device.Id, CancellationToken.None))!;
        var found = await _gateway.Registry.FindAsync(changed, CancellationToken.None);

        Assert.That(found.Registration!.Config.Labels, Is.EqualTo(new[] { "new" }));
    }

    [Test]
    public async Task A_device_without_a_script_has_a_problem_that_says_so()
    {
        _gateway.Log.Expect("missing.csx");
        var device = await _gateway.AddDeviceAsync("a");

        var found = await _gateway.Registry.FindAsync(device with { ParserScriptRef = "missing.csx" }, CancellationToken.None);

        Assert.That(found.Registration, Is.Null);
        Assert.That(found.Problem, Does.Contain("missing.csx"));
    }

    private static string Script(int version) => $$"""
        List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) => [new Reading("VERSION", {{version}})];
        byte[]? format_command(Command command, DeviceConfig config) => null;
        """;
}
