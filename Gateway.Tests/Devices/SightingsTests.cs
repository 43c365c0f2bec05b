using Gateway.Devices;
using Gateway.Storage;
using Gateway.Tests.Storage;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Devices;

/// <summary>When devices spoke last: known at once, and to the store once a minute.</summary>
internal sealed class SightingsTests
{
    private static readonly DeviceId Cellar = DeviceId.Parse("cellar");

    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private FakeTimeProvider _time = null!;
    private RecordedLog<Sightings> _log = null!;
    private LiteDbInAFolder _file = null!;
    private LiteDbDeviceStore _store = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        (_time, _log, _file) = (new FakeTimeProvider(Start), new RecordedLog<Sightings>(), new LiteDbInAFolder());
        _store = new LiteDbDeviceStore(_file.Open());
        await _store.SaveAsync(new Device { Id = Cellar, CreatedAt = _time.GetUtcNow(), UpdatedAt = _time.GetUtcNow() }, CancellationToken.None);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        _log.Dispose();
        await _file.DisposeAsync();
    }

    [Test]
    public async Task The_store_is_told_once_a_minute_and_the_caller_at_once()
    {
        using var sightings = new Sightings(_store, _time, _log);
        await sightings.StartAsync(CancellationToken.None);
        sightings.Note(Cellar);

        var (stored, told) = (await StoredAsync(), sightings.Complete((await StoredAsync())!).LastSeenAt);
        await Eventually.HoldsAsync(
            async () =>
            {
                _time.Advance(Sightings.Period);
                return (await StoredAsync())!.LastSeenAt == told;
            },
            "the store knows it, too");
        await sightings.StopAsync(CancellationToken.None);

        Assert.That((stored!.LastSeenAt, told), Is.EqualTo(((DateTimeOffset?)null, (DateTimeOffset?)Start)));
    }

    [Test]
    public async Task A_stop_tells_the_store_what_it_does_not_know()
    {
        using var sightings = new Sightings(_store, _time, _log);
        await sightings.StartAsync(CancellationToken.None);
        sightings.Note(Cellar);

        await sightings.StopAsync(CancellationToken.None);

        Assert.That((await StoredAsync())!.LastSeenAt, Is.EqualTo(_time.GetUtcNow()));
    }

    [Test]
    public async Task A_stop_does_not_wait_for_a_store_that_is_slow()
    {
        using var sightings = new Sightings(_store, _time, _log);

        // Not started, so that the stop reaches the store before the time is turned.
        for (var device = 0; device < 1000; device++)
        {
            sightings.Note(DeviceId.Parse($"d{device}"));
        }

        // The store is held up with its first batch until the time is over.
        using var busy = new ManualResetEventSlim();
        var before = _file.Store.WriteAsync(_ => busy.Wait(TimeSpan.FromSeconds(30)), CancellationToken.None).AsTask();
        var stopped = sightings.StopAsync(CancellationToken.None);
        _time.Advance(Sightings.LongestStop);
        busy.Set();
        await stopped;

        Assert.That((await before, _log.Texts(1202)), Is.EqualTo((true, new[] { "when 744 devices spoke last is not in the store: it did not take them within the 5 s that a stop waits" })));
    }

    [Test]
    public async Task What_the_store_did_not_take_is_offered_again()
    {
        using var sightings = new Sightings(_store, _time, _log);
        sightings.Note(Cellar);
        await _file.CloseAsync();

        await sightings.SaveAsync(CancellationToken.None);

        Assert.That(_log.Texts(1201), Has.Count.EqualTo(1));
        Assert.That(sightings.Complete(new Device { Id = Cellar, CreatedAt = default, UpdatedAt = default }).LastSeenAt, Is.EqualTo(_time.GetUtcNow()));
    }

    private async Task<Device?> StoredAsync() => await _store.FindAsync(Cellar, CancellationToken.None);
}
