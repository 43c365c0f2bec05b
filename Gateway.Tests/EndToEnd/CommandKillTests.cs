using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Gateway.Commands;
using Gateway.Journal;
using Gateway.Tests.Commands;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>
/// The gateway is killed at moments that nobody chose, while commands are queued and delivered to devices that lose datagrams on both ways.
/// No command is lost, none goes backwards, none is applied twice, and each device gets its own in their order.
/// </summary>
internal sealed class CommandKillTests
{
    private const int Devices = 10;
    private const double Loss = 0.1;
    private const int Seed = 20260102;
    private const int ShortKills = 2;

    // docs/testing.md has the command of the long run.
    private static readonly int Kills = Number("COMMAND_KILLS", ShortKills);
    private static readonly int Commands = Number("COMMANDS", 60);

    // The long run takes as long as it takes; the short one fails in time.
    private static readonly TimeSpan Limit = Kills == ShortKills ? TimeSpan.FromMinutes(10) : TimeSpan.FromHours(2);

    private readonly ConcurrentDictionary<string, bool> _accepted = new();
    private TempFolder _folder = null!;
    private volatile GatewayProcess? _gateway;
    private volatile bool _isOver;
    private int _events;

    [SetUp]
    public void SetUp()
    {
        _folder = new TempFolder();
        _folder.Write("scripts/efento.csx", CommandsUnderTest.Script);
        _folder.Write("scripts/json.csx", CommandsUnderTest.Script);
    }

    [TearDown]
    public void TearDown()
    {
        _gateway?.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task Commands_survive_the_gateway_being_killed()
    {
        var port = FreePort.Udp();
        var chance = new Random(Seed);
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        await StartAsync(port);
        LossyDevice[] devices = [.. Enumerable.Range(0, Devices).Select(i => new LossyDevice($"d{i}", port, Loss, new Random(Seed + i)))];
        var killing = KillAsync(port, chance, limit.Token);
        var queueing = Task.WhenAll(Enumerable.Range(0, Devices).Select(i => Task.Run(() => QueueAsync(i, devices[i].Name, limit.Token))));
        await Task.WhenAll(devices.Select((device, i) => Task.Run(() => TalkAsync(device, IdsOf(i).Count(), limit.Token))).Append(queueing).Append(killing));

        for (var i = 0; i < Devices; i++)
        {
            // All commands of a device have one of two priorities; each keeps its own order.
            var ids = IdsOf(i).ToHashSet();
            Assert.That(devices[i].Applied, Is.EquivalentTo(ids), $"seed {Seed}: none lost, none twice");
            Assert.That(devices[i].Applied.Where(IsUrgent), Is.Ordered, $"seed {Seed}: the order of the urgent ones");
            Assert.That(devices[i].Applied.Where(id => !IsUrgent(id)), Is.Ordered, $"seed {Seed}: the order of the others");
            devices[i].Dispose();
        }

        _gateway!.Kill();
        AssertNoneWentBackwards();
    }

    private static IEnumerable<string> IdsOf(int device) =>
        Enumerable.Range(0, Commands).Where(i => i % Devices == device).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i:00000}"));

    private static bool IsUrgent(string id) => id[^2] is '3' or '6';

    private async Task StartAsync(int port) => _gateway = await GatewayProcess.StartAsync(
        _folder, $"scripts.path={_folder.PathOf("scripts")}", string.Create(CultureInfo.InvariantCulture, $"coap.port={port}"), "profiles.json.confirm=script", "profiles.json.confirm_timeout_seconds=1", "commands.max_queued_per_device=100000", "coap.peer_requests_per_second=0");

    // Not after a time, but after so many things have happened, so that it hits a busy gateway.
    private async Task KillAsync(int port, Random chance, CancellationToken limit)
    {
        for (var kill = 0; kill < Kills; kill++)
        {
            var enough = Volatile.Read(ref _events) + chance.Next(1, Math.Max(2, 4 * Commands / Kills));
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
            while (Volatile.Read(ref _events) < enough && await timer.WaitForNextTickAsync(limit))
            {
                // More has to happen.
            }

            _gateway!.Kill();
            _gateway.Dispose();
            await StartAsync(port);
        }

        _isOver = true;
    }

    // Whoever is not told that it was taken hands it in again, under the same id.
    private async Task QueueAsync(int number, string device, CancellationToken limit)
    {
        using var http = new HttpClient();
        foreach (var id in IdsOf(number))
        {
            while (!await TryQueueAsync(http, id, device))
            {
                limit.ThrowIfCancellationRequested();
            }

            _accepted[id] = true;
            Interlocked.Increment(ref _events);
        }
    }

    private async Task<bool> TryQueueAsync(HttpClient http, string id, string device)
    {
        try
        {
            using var answer = await http.PostAsJsonAsync(
                new Uri($"{_gateway!.ApiAddress}/api/v1/commands"),
                new { request_id = id, device_id = device, command_type = "say", payload = new { text = "" }, max_attempts = 100, priority = IsUrgent(id) ? 1 : 0 });
            var isUnknownDevice = answer.StatusCode is HttpStatusCode.UnprocessableEntity;
            Assert.That(answer.StatusCode, Is.AnyOf(HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity, HttpStatusCode.ServiceUnavailable));
            return !isUnknownDevice && answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            return false;
        }
    }

    private async Task TalkAsync(LossyDevice device, int commands, CancellationToken limit)
    {
        while (!_isOver || device.Applied.Count < commands || !await device.SpeakAsync())
        {
            limit.ThrowIfCancellationRequested();
            Interlocked.Add(ref _events, await device.SpeakAsync() ? 1 : 0);
        }
    }

    // What the journal has of each command is a chain of legal steps, over all kills.
    private void AssertNoneWentBackwards()
    {
        using var journal = JournalReader.Look(_folder.PathOf("data/journal.db"), (first, _, error) => Assert.Fail($"record {first}: {error}"));
        var known = new Dictionary<string, (CommandState State, int Attempt)>();
        var read = 0L;
        for (var records = journal.Read(read, 1000); records.Count > 0; records = journal.Read(read, 1000))
        {
            foreach (var step in from record in records where record.Command is not null select record.Command)
            {
                var before = known.TryGetValue(step.CommandId, out var at) ? at : ((CommandState State, int Attempt)?)null;
                Assert.That((CommandState)step.From, Is.EqualTo(before?.State ?? 0), $"{step.CommandId}: from where it stood");
                Assert.That((before?.State).CanBecome((CommandState)step.State, before?.Attempt ?? 0), $"{step.CommandId}: {before} to {step.State}");
                Assert.That(step.Attempt, Is.InRange(before?.Attempt ?? 0, (before?.Attempt ?? 0) + 1), step.CommandId);
                known[step.CommandId] = ((CommandState)step.State, step.Attempt);
            }

            read = records[^1].Sequence;
        }

        Assert.That(known.Keys, Is.EquivalentTo(_accepted.Keys), "all that were taken, and no others");
        Assert.That(known.Where(command => command.Value.State is not (CommandState.Applied or CommandState.Sent)), Is.Empty);
    }

    private static int Number(string variable, int otherwise) =>
        int.Parse(Environment.GetEnvironmentVariable(variable) ?? otherwise.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
