using Gateway.Coap;
using Gateway.Coap.Dtls;
using Gateway.Storage;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>A device goes on in its session when the gateway has started again, and nobody goes on in its place.</summary>
internal sealed class SessionKeeperTests
{
    private static readonly byte[]?[] Names = [null, [], [7, 7, 7, 7]];

    private readonly TestKeys _keys = new();
    private TempFolder _folder = null!;
    private int _port;

    private string SessionFile => _folder.PathOf("dtls.sessions");

    [SetUp]
    public void MakeFolder() => (_folder, _port) = (new TempFolder(), 0);

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCaseSource(nameof(Names))]
    public async Task A_stopped_gateway_goes_on_with_its_sessions(byte[]? connectionId)
    {
        var before = await StartAsync();
        using var device = await BouncyClient.ConnectAsync(before.EndPoint, new BouncyOffer { ConnectionId = connectionId });
        Assert.That(device.Ask("who", 1), Does.EndWith("device-1|0"));
        var (old, sequence) = (device.LastSent, device.LastSequence);
        await before.DisposeAsync();

        await using var after = await StartAsync();
        device.SendAsItIs(old);
        await Eventually.HoldsAsync(() => after.Layer.Metrics.CountOf(DtlsDrop.Replayed) == 1, "what had come before is known to have");

        Assert.That(device.Ask("who", 2), Does.EndWith("device-1|0"));
        Assert.That(device.LastSequence, Is.GreaterThan(sequence), "no number is used twice");
        Assert.That((after.Asked, after.Layer.Associations.Count), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task A_device_that_has_moved_meanwhile_is_found_by_its_connection_id()
    {
        var before = await StartAsync();
        using var device = await BouncyClient.ConnectAsync(before.EndPoint, new BouncyOffer { ConnectionId = [] });
        await before.DisposeAsync();

        device.Move();
        await using var after = await StartAsync();

        Assert.That(device.Ask("who", 1), Does.EndWith("device-1|0"));
    }

    [TestCaseSource(nameof(Names))]
    public async Task After_a_crash_a_device_shows_first_that_it_is_there(byte[]? connectionId)
    {
        var before = await StartAsync();
        using var device = await BouncyClient.ConnectAsync(before.EndPoint, new BouncyOffer { ConnectionId = connectionId });
        await Eventually.HoldsAsync(() => new FileInfo(SessionFile).Length > 100, "the session is written");
        Assert.That(device.Ask("who", 1), Does.EndWith("device-1|0"));
        var (old, sequence) = (device.LastSent, device.LastSequence);
        before.Crash();

        await using var after = await StartAsync();
        device.SendAsItIs(old);
        var (_, ping) = device.Receive();
        Assert.That(ping[..2], Is.EqualTo(new byte[] { 0x40, 0 }));
        Assert.That(device.LastSequence, Is.GreaterThan(sequence), "no number is used twice");

        // Another answer than the ping's is none, and nothing was taken so far.
        device.Send(RecordType.ApplicationData, 0x70, 0, ping[2], (byte)(ping[3] + 1));
        await Eventually.HoldsAsync(() => after.Layer.Metrics.CountOf(DtlsDrop.Unproven) == 2, "it is not taken");
        Assert.That(after.Asked, Is.Zero);

        device.Send(RecordType.ApplicationData, 0x70, 0, ping[2], ping[3]);
        Assert.That(device.Ask("who", 2), Does.EndWith("device-1|0"));

        device.SendAsItIs(old);
        await Eventually.HoldsAsync(() => after.Layer.Metrics.CountOf(DtlsDrop.Replayed) == 1, "what is older than the answer counts as come");
        Assert.That(after.Asked, Is.EqualTo(1));
    }

    [Test]
    public async Task Our_own_client_goes_on_after_a_crash_without_a_handshake()
    {
        var before = await StartAsync();
        using var device = new SecureDevice(before.EndPoint);
        Assert.That(await device.AskAsync(), Is.EqualTo("device-1|0"));
        var number = before.Layer.Associations.ToArray().Single().Number;
        await Eventually.HoldsAsync(() => new FileInfo(SessionFile).Length > 100, "the session is written");
        before.Crash();

        await using var after = await StartAsync();

        Assert.That(await device.AskAsync(), Is.EqualTo("device-1|0"));
        Assert.That(after.Layer.Associations.ToArray().Select(session => session.Number), Is.EqualTo(new[] { number }));
    }

    [Test]
    public async Task What_was_in_doubt_stays_in_doubt()
    {
        var first = await StartAsync();
        using var device = await BouncyClient.ConnectAsync(first.EndPoint, new BouncyOffer { ConnectionId = [] });
        await Eventually.HoldsAsync(() => new FileInfo(SessionFile).Length > 100, "the session is written");
        first.Crash();
        await (await StartAsync()).DisposeAsync();

        await using var third = await StartAsync();
        device.Send(RecordType.ApplicationData, 0x40, 0, 1, 1);

        Assert.That(device.Receive().Message[..2], Is.EqualTo(new byte[] { 0x40, 0 }), "it is asked for a sign of life");
    }

    [TestCase("other key")]
    [TestCase("no key")]
    [TestCase("other owner")]
    public async Task A_key_that_has_changed_meanwhile_opens_nothing(string change)
    {
        var before = await StartAsync();
        using var device = await BouncyClient.ConnectAsync(before.EndPoint, new BouncyOffer { ConnectionId = [] });
        await before.DisposeAsync();
        _keys["sensor-1"] = change switch
        {
            "other key" => [new PreSharedKey("device-1", "another horse"u8.ToArray())],
            "other owner" => [new PreSharedKey("device-2", "correct horse"u8.ToArray())],
            _ => [],
        };

        await using var after = await StartAsync();

        Assert.That(after.Layer.Associations.Count, Is.Zero);
        _keys["sensor-1"] = [new PreSharedKey("device-1", "correct horse"u8.ToArray())];
    }

    [Test]
    public async Task With_a_clock_that_went_back_nothing_is_taken_up()
    {
        var now = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var before = await StartAsync(new FakeTimeProvider(now));
        before.Layer.Associations.Add(SessionOf(1, now));
        await before.DisposeAsync();

        await using var after = await StartAsync(new FakeTimeProvider(now.AddSeconds(-1)));

        Assert.That(after.Layer.Associations.Count, Is.Zero);
        Assert.That(after.DtlsLog.Texts(1077), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task What_a_crash_has_cut_off_is_left_out()
    {
        var now = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var before = await StartAsync(new FakeTimeProvider(now));
        for (var i = 1; i <= 20; i++)
        {
            before.Layer.Associations.Add(SessionOf((ulong)i, now));
        }

        await before.DisposeAsync();
        var whole = await File.ReadAllBytesAsync(SessionFile);

        foreach (var (bytes, least, most) in new[] { (whole, 20, 20), (whole[..^1], 19, 19), (whole[..3], 0, 0), (Flipped(whole, whole.Length / 2), 8, 12), ([], 0, 0) })
        {
            await File.WriteAllBytesAsync(SessionFile, bytes);
            await using var after = await StartAsync(new FakeTimeProvider(now));
            Assert.That(after.Layer.Associations.Count, Is.InRange(least, most));
        }
    }

    [Test]
    public async Task With_another_key_nothing_is_taken_up_and_the_gateway_starts()
    {
        var before = await StartAsync();
        using var device = await BouncyClient.ConnectAsync(before.EndPoint, new BouncyOffer { ConnectionId = [] });
        await before.DisposeAsync();
        Assert.That(await File.ReadAllTextAsync(SessionFile), Does.Not.Contain("sensor-1"), "it is sealed");
        File.Delete(_folder.PathOf("gateway.key"));

        await using var after = await StartAsync();
        using var again = await BouncyClient.ConnectAsync(after.EndPoint, new BouncyOffer());

        Assert.That(after.DtlsLog.Texts(1075)[0], Does.Contain(SessionFile));
        Assert.That(again.Ask("who", 1), Does.EndWith("device-1|0"));
    }

    [Test]
    public async Task At_most_as_many_are_taken_up_as_there_is_room_for_and_they_are_the_latest()
    {
        var now = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var before = await StartAsync(new FakeTimeProvider(now));
        for (var i = 1; i <= 40; i++)
        {
            before.Layer.Associations.Add(SessionOf((ulong)i, now));
        }

        await before.DisposeAsync();
        await using var after = await StartAsync(new FakeTimeProvider(now), new DtlsSettings { MaxSessions = 16 });

        Assert.That(after.Layer.Associations.ToArray().Select(session => session.Number).Order(), Is.EqualTo(Enumerable.Range(25, 16).Select(i => (ulong)i)));
    }

    [Test]
    public void After_a_write_that_failed_all_is_written_anew()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
        var log = new RecordedLog();
        using var vault = new FailingVault();
        var sessions = new AssociationTable(100, long.MaxValue, new Random(1));
        using var keeper = new SessionKeeper(vault, sessions, _keys, _keys, time, new DtlsMetrics(LoneMeters.Instance), log);
        keeper.Start(100);

        vault.Fails = true;
        Begin(1);
        Begin(2);
        vault.Fails = false;
        Begin(3);
        Begin(4);

        Assert.That(vault.Entries.Skip(1).Select(entry => SavedSession.Read(entry)!.Number), Is.EqualTo(new ulong[] { 1, 2, 3, 4 }));
        Assert.That(vault.Replaced, Is.EqualTo(2), "at the start, and once after the failure");
        Assert.That(log.Texts(1076), Has.Count.EqualTo(1));

        void Begin(ulong number)
        {
            var session = SessionOf(number, time.GetUtcNow());
            sessions.Add(session);
            keeper.Add(session);
            keeper.Flush();
        }
    }

    [Test]
    public void Numbers_go_on_from_as_many_as_there_were_microseconds()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
        var saved = SessionOf(1, time.GetUtcNow()).Save(time);
        var now = saved.CreatedAt + 5000;

        Assert.That(Next(saved), Is.EqualTo(5_000_000));
        Assert.That(Next(saved with { Secrets = saved.Secrets with { NextSequence = 6_000_000 } }), Is.EqualTo(6_000_000));
        Assert.That(Association.Restore(saved with { CreatedAt = now - (300_000_000L * 1000) }, null, time, now).IsWornOut, Is.True, "after nine years there are no numbers left");

        ulong Next(SavedSession session) => Association.Restore(session, null, time, now).Save(time).Secrets.NextSequence;
    }

    [Test]
    public void Who_answers_no_ping_is_given_up()
    {
        var doubt = new SessionDoubt(0x1234);
        var hopeless = false;
        var pings = 0;
        for (var now = 0L; !hopeless; now += 50)
        {
            pings += doubt.TryPing(now, pause: 100, out hopeless) ? 1 : 0;
        }

        Assert.That(pings, Is.EqualTo(5));
        Assert.That(doubt.Ping, Is.EqualTo(new byte[] { 0x40, 0, 0x12, 0x34 }));
    }

    private static Association SessionOf(ulong number, DateTimeOffset createdAt) =>
        new(number, new SessionSecrets { Suite = RecordSuite.All[0], KeyBlock = new byte[RecordSuite.All[0].KeyBlockSize], OwnConnectionId = new byte[8] }, isServer: true, null, default, 0)
        {
            CreatedAt = createdAt.ToUnixTimeMilliseconds(),
        };

    private static byte[] Flipped(byte[] bytes, int at)
    {
        byte[] flipped = [.. bytes];
        flipped[at] ^= 1;
        return flipped;
    }

    // Each on the port of the one before, where the devices know it to be.
    private async Task<SecureServer> StartAsync(TimeProvider? time = null, DtlsSettings? settings = null)
    {
        var vault = new SealedSessionFile(SessionFile, new SecretBox(new StorageSettings { Path = _folder.PathOf("gateway.db"), KeyPath = _folder.PathOf("gateway.key") }));
        var server = await SecureServer.StartAsync(settings, time: time, vault: vault, port: _port, known: _keys);
        _port = server.EndPoint.Port;
        return server;
    }

    // A file in memory, on a disk that is full at times.
    private sealed class FailingVault : ISessionVault
    {
        public List<byte[]> Entries { get; private set; } = [];

        public bool Fails { get; set; }

        public int Replaced { get; private set; }

        public IReadOnlyList<byte[]> Load() => Entries;

        public void Append(IEnumerable<byte[]> entries) => Entries.AddRange(Fails ? throw new IOException("the disk is full") : entries);

        public void Replace(IEnumerable<byte[]> entries)
        {
            Entries = Fails ? throw new IOException("the disk is full") : [.. entries];
            Replaced++;
        }

        public void Dispose()
        {
        }
    }
}
