using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Api;
using Gateway.Cli;
using Gateway.Coap;
using Gateway.Scripting;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Api;

/// <summary>What happens, live, over a real connection, and what happened lately. One gateway for all; each test has devices of its own.</summary>
internal sealed class EventApiTests
{
    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task Whoever_listens_hears_of_exchanges_readings_and_commands_of_its_device()
    {
        await using var listener = await Listener.StartAsync(_gateway, "?device=live-1");
        await SpeakAsync("other", 1);
        await SpeakAsync("live-1", 2);
        var command = await _gateway.QueueAsync(new { device_id = "live-1", command_type = "set", payload = new { on = true } });
        await SpeakAsync("live-1", 3);

        var events = await listener.ReadAsync(() => listener.Count("command") >= 2 && listener.Count("exchange") == 2 && listener.Count("reading") == 2);

        Assert.That(events[0].Type, Is.EqualTo("open"));
        Assert.That(Of("exchange").Select(exchange => exchange["answer"]!.GetValue<string>()), Is.EqualTo(new[] { "2.01", "2.01" }));
        Assert.That(Of("exchange").Last()["carried"]!.ToJsonString(), Is.EqualTo($"""["{command}"]"""));
        Assert.That(Of("reading").Select(record => record["readings"]![0]!["values"]!.ToJsonString()), Is.EqualTo(new[] { "[2]", "[3]" }));
        Assert.That(events.Where(happened => happened.Data["device_id"] is not null).Select(happened => happened.Data["device_id"]!.GetValue<string>()), Is.All.EqualTo("live-1"));

        IEnumerable<JsonNode> Of(string type) => events.Where(happened => happened.Type == type).Select(happened => happened.Data);
    }

    [Test]
    public async Task Whoever_comes_back_goes_on_where_it_was()
    {
        await SpeakAsync("back-1", 1);
        var seen = _gateway.Journal.LastSequence;
        await SpeakAsync("back-1", 2);
        await SpeakAsync("back-1", 3);

        await using var listener = await Listener.StartAsync(_gateway, "?device=back-1&kind=reading", seen);
        var events = await listener.ReadAsync(() => listener.Count("reading") == 2);

        Assert.That(events.Where(happened => happened.Type == "reading").Select(happened => happened.Data["readings"]![0]!["values"]!.ToJsonString()), Is.EqualTo(new[] { "[2]", "[3]" }));
        Assert.That(events[^1].Id, Is.EqualTo(events[^1].Data["sequence"]!.ToJsonString()));
    }

    [Test]
    public async Task An_edited_script_is_told_of()
    {
        _gateway.Log.Expect("told.csx");
        await using var listener = await Listener.StartAsync(_gateway, "?kind=script");

        _gateway.Folder.Write("scripts/told.csx", "int broken = ;");
        await _gateway.Services.GetRequiredService<ScriptCatalog>().GetAsync("told.csx", CancellationToken.None);
        var events = await listener.ReadAsync(() => listener.Count("script") > 0);

        var told = events.First(happened => happened.Type == "script").Data;
        Assert.That((told["name"]!.GetValue<string>(), told["live"], told["problems"]![0]!["code"]!.GetValue<string>()), Is.EqualTo(("told.csx", (JsonNode?)null, "CS1525")));
    }

    [TestCase("kind=readings", "kind")]
    [TestCase("kind=", "kind")]
    [TestCase("device=a/b", "device")]
    public async Task A_wrong_wish_is_refused(string query, string parameter)
    {
        using var response = await _gateway.SendJsonAsync(HttpMethod.Get, $"/api/v1/events?{query}");

        Assert.That((int)response.StatusCode, Is.EqualTo(400));
        Assert.That(JsonNode.Parse(await response.Content.ReadAsStringAsync())!["errors"]![0]!["parameter"]!.GetValue<string>(), Is.EqualTo(parameter));
    }

    [Test]
    public async Task Those_who_listen_are_bounded_and_leave_nothing_behind()
    {
        var streams = _gateway.Services.GetRequiredService<EventStreams>();
        await Eventually.HoldsAsync(() => streams.Open == 0, "nobody listens");
        var listeners = new List<Listener>();
        for (var i = 0; i < EventStreams.Most; i++)
        {
            listeners.Add(await Listener.StartAsync(_gateway, "?kind=script"));
        }

        using var refused = await _gateway.SendJsonAsync(HttpMethod.Get, "/api/v1/events");
        foreach (var listener in listeners)
        {
            await listener.DisposeAsync();
        }

        Assert.That((int)refused.StatusCode, Is.EqualTo(503));
        await Eventually.HoldsAsync(() => streams.Open == 0, "all of them are let go of");
    }

    [Test]
    public async Task The_last_exchanges_of_a_device_are_told()
    {
        await SpeakAsync("recent-1", 1);
        await _gateway.SendAsync(CoapCode.Post, "/devices/recent-1/data", "not json"u8.ToArray());

        var exchanges = JsonNode.Parse(await _gateway.Http.GetStringAsync("/api/v1/devices/recent-1/exchanges"))!.AsArray();
        using var unknown = await _gateway.SendJsonAsync(HttpMethod.Get, "/api/v1/devices/recent-2/exchanges");

        Assert.That(exchanges.Select(exchange => (exchange!["outcome"]!.GetValue<string>(), exchange["answer"]!.GetValue<string>())), Is.EqualTo(new[] { ("invalid_payload", "4.00"), ("parsed", "2.01") }));
        Assert.That(exchanges[0]!["problem"], Is.Not.Null);
        Assert.That((int)unknown.StatusCode, Is.EqualTo(404));
    }

    [Test]
    public async Task A_stop_does_not_wait_for_those_who_listen()
    {
        var gateway = await GatewayUnderTest.StartAsync();
        var listener = await Listener.StartAsync(gateway, "");
        using var late = new CancellationTokenSource(Eventually.Limit);

        // A compilation that is under way is waited for, a listener would be until the time for the stop is over.
        await gateway.DisposeAsync().AsTask().WaitAsync(GatewayHost.ShutdownTimeout * 0.7);

        Assert.That(await listener.EndAsync(late.Token), Is.True, "the stream has an end");
        await listener.DisposeAsync();
    }

    private Task<CoapMessage> SpeakAsync(string device, int value) =>
        _gateway.SendAsync(CoapCode.Post, $"/devices/{device}/data", Encoding.UTF8.GetBytes($$"""{"temperature": {{value}}}"""));

    private sealed record Happened(string Type, string? Id, JsonNode Data);

    /// <summary>Listens, as a browser does.</summary>
    private sealed class Listener : IAsyncDisposable
    {
        private readonly ConcurrentQueue<Happened> _heard = new();
        private readonly CancellationTokenSource _end = new();
        private readonly HttpClient _http;
        private Task _listening = Task.CompletedTask;

        private Listener(Uri gateway) => _http = new HttpClient { BaseAddress = gateway, Timeout = Timeout.InfiniteTimeSpan };

        public static async Task<Listener> StartAsync(GatewayUnderTest gateway, string query, long? lastId = null)
        {
            var listener = new Listener(gateway.Http.BaseAddress!);
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events" + query);
            if (lastId is not null)
            {
                request.Headers.Add("Last-Event-ID", lastId.ToString());
            }

            var response = await listener._http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/event-stream"));
            listener._listening = listener.ListenAsync(response);
            await Eventually.HoldsAsync(() => listener.Count("open") == 1, "it listens");
            return listener;
        }

        public int Count(string type) => _heard.Count(happened => happened.Type == type);

        public async Task<IReadOnlyList<Happened>> ReadAsync(Func<bool> until)
        {
            await Eventually.HoldsAsync(until, "what was waited for has been told");
            return [.. _heard];
        }

        public async Task<bool> EndAsync(CancellationToken cancellation)
        {
            await _listening.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return _listening.IsCompleted;
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _end.Dispose();
            _http.Dispose();
        }

        private async Task ListenAsync(HttpResponseMessage response)
        {
            using (response)
            {
                await using var body = await response.Content.ReadAsStreamAsync(_end.Token);
                await foreach (var item in SseParser.Create(body).EnumerateAsync(_end.Token))
                {
                    _heard.Enqueue(new Happened(item.EventType, item.EventId, JsonNode.Parse(item.Data)!));
                }
            }
        }
    }
}
