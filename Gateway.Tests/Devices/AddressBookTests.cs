using Gateway.Devices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Devices;

/// <summary>Who is known by an address, and for how long.</summary>
internal sealed class AddressBookTests
{
    private static readonly DeviceId Cellar = DeviceId.Parse("cellar");
    private static readonly DeviceId Roof = DeviceId.Parse("roof");
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStore _store = new();
    private AddressBook _book = null!;

    [SetUp]
    public void Open()
    {
        _store.Entries.Clear();
        _book = Opened();
    }

    [Test]
    public async Task A_device_is_known_by_its_address_and_its_location_until_its_lifetime_is_over()
    {
        var entry = await EnterAsync(Cellar, "192.0.2.1:5683");

        Assert.That((DeviceAt("192.0.2.1:5683"), DeviceAt("192.0.2.9:1", entry!.Location), DeviceAt("192.0.2.1:5684")), Is.EqualTo((Cellar, Cellar, DeviceId.None)));
        _time.Advance(Minute);
        Assert.That((DeviceAt("192.0.2.1:5683"), DeviceAt("x", entry.Location)), Is.EqualTo((DeviceId.None, DeviceId.None)));
    }

    [Test]
    public async Task A_renewal_moves_the_entry_and_begins_its_lifetime_anew()
    {
        var entry = await EnterAsync(Cellar, "192.0.2.1:5683");
        _time.Advance(TimeSpan.FromSeconds(50));

        await _book.RenewAsync(entry!.Location, "192.0.2.2:1024", null, CancellationToken.None);

        _time.Advance(TimeSpan.FromSeconds(50));
        Assert.That((DeviceAt("192.0.2.1:5683"), DeviceAt("192.0.2.2:1024")), Is.EqualTo((DeviceId.None, Cellar)));
    }

    [Test]
    public async Task A_device_that_registers_again_has_one_entry()
    {
        var first = await EnterAsync(Cellar, "192.0.2.1:5683");
        var second = await EnterAsync(Cellar, "192.0.2.2:1024");

        Assert.That((_book.Count, _store.Entries.Keys.Single()), Is.EqualTo((1, second!.Location)));
        Assert.That((DeviceAt("192.0.2.1:5683"), DeviceAt("x", first!.Location)), Is.EqualTo((DeviceId.None, DeviceId.None)));
    }

    [Test]
    public async Task Of_two_devices_at_one_address_the_last_has_it()
    {
        var first = await EnterAsync(Cellar, "192.0.2.1:5683");
        await EnterAsync(Roof, "192.0.2.1:5683");

        Assert.That((DeviceAt("192.0.2.1:5683"), DeviceAt("x", first!.Location)), Is.EqualTo((Roof, Cellar)));
        await _book.EndAsync(first.Location, CancellationToken.None);
        Assert.That(DeviceAt("192.0.2.1:5683"), Is.EqualTo(Roof), "the end of the other takes nothing from it");
    }

    [Test]
    public async Task An_entry_that_is_struck_out_is_gone_from_the_disk_too()
    {
        var entry = await EnterAsync(Cellar, "192.0.2.1:5683");

        await _book.EndAsync(entry!.Location, CancellationToken.None);

        Assert.That((DeviceAt("192.0.2.1:5683"), _store.Entries.Count), Is.EqualTo((DeviceId.None, 0)));
        Assert.That(await _book.RenewAsync(entry.Location, "x", null, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task Without_room_the_entries_whose_time_is_over_go_and_then_nobody_more_is_taken()
    {
        await EnterAsync(Cellar, "192.0.2.1:5683");
        await EnterAsync(Roof, "192.0.2.2:5683");

        Assert.That(await EnterAsync(DeviceId.Parse("hall"), "192.0.2.3:5683"), Is.Null);
        Assert.That(await EnterAsync(Roof, "192.0.2.2:5684"), Is.Not.Null, "one that is in the book has its place");
        _time.Advance(Minute);
        Assert.That(await EnterAsync(DeviceId.Parse("hall"), "192.0.2.3:5683"), Is.Not.Null);
        Assert.That(_store.Entries, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_lifetime_without_end_is_one()
    {
        await _book.EnterAsync(Cellar, "192.0.2.1:5683", TimeSpan.MaxValue, CancellationToken.None);

        _time.Advance(TimeSpan.FromDays(100_000));
        Assert.That(DeviceAt("192.0.2.1:5683"), Is.EqualTo(Cellar));
    }

    [Test]
    public async Task What_is_on_disk_is_known_after_a_restart()
    {
        await EnterAsync(Cellar, "192.0.2.1:5683");

        _book = Opened();

        Assert.That(DeviceAt("192.0.2.1:5683"), Is.EqualTo(Cellar));
    }

    private AddressBook Opened() => new(_store, new DeviceSettings { MaxAddresses = 2 }, _time, new Random(1), NullLogger<AddressBook>.Instance);

    private ValueTask<AddressEntry?> EnterAsync(DeviceId device, string peer) => _book.EnterAsync(device, peer, Minute, CancellationToken.None);

    private DeviceId DeviceAt(string peer, string? location = null) => _book.TryFind(location, peer, out var entry) ? entry.Device : DeviceId.None;

    private sealed class MemoryStore : IAddressStore
    {
        public Dictionary<string, AddressEntry> Entries { get; } = [];

        public IReadOnlyList<AddressEntry> All() => [.. Entries.Values];

        public ValueTask SaveAsync(AddressEntry entry, IReadOnlyCollection<string> deleted, CancellationToken cancellation)
        {
            foreach (var location in deleted)
            {
                Entries.Remove(location);
            }

            Entries[entry.Location] = entry;
            return ValueTask.CompletedTask;
        }

        public ValueTask DeleteAsync(string location, CancellationToken cancellation)
        {
            Entries.Remove(location);
            return ValueTask.CompletedTask;
        }
    }
}
