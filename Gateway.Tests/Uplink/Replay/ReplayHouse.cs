using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Scripting;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Uplink.Replay;

/// <summary>A gateway whose script a test breaks and mends, and the means to have frames read again.</summary>
internal sealed class ReplayHouse : IAsyncDisposable
{
    /// <summary>Gives the first byte as a temperature; more of them with a factor.</summary>
    public const string Mended = """
        List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) => [new Reading("T") { Values = [payload[0]] }];
        byte[]? format_command(Command command, DeviceConfig config) => null;
        """;

    public const string Broken = """
        List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) => throw new InvalidOperationException("a bug");
        byte[]? format_command(Command command, DeviceConfig config) => null;
        """;

    private ReplayHouse(TempFolder folder, GatewayUnderTest gateway) => (Folder, Gateway) = (folder, gateway);

    public TempFolder Folder { get; }

    public GatewayUnderTest Gateway { get; }

    public static async Task<ReplayHouse> StartAsync(string script, params string[] sets)
    {
        var folder = new TempFolder();
        folder.Write("scripts/json.csx", script);
        return new ReplayHouse(folder, await GatewayUnderTest.StartAsync(folder, json: null, ["replay.frames_per_second=0", .. sets]));
    }

    /// <summary>Puts another text into the script's file, and waits until it is live.</summary>
    public async Task ChangeScriptAsync(string text)
    {
        var catalog = Gateway.Services.GetRequiredService<ScriptCatalog>();
        var before = (await catalog.GetAsync("json.csx", CancellationToken.None)).Current?.Version;
        Folder.Write("scripts/json.csx", text);
        await catalog.RefreshAsync("json.csx", CancellationToken.None);
        await Eventually.HoldsAsync(async () => (await catalog.GetAsync("json.csx", CancellationToken.None)).Current?.Version is { } now && now != before, "the other script is live");
    }

    public async Task<string> SendAsync(string device, params byte[] payload) =>
        (await Gateway.SendAsync(CoapCode.Post, $"/devices/{device}/data", payload)).Code.ToString();

    /// <summary>Begins a replay; its status, or a problem.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Body)> BeginAsync(object request)
    {
        using var response = await Gateway.Http.PostAsJsonAsync("/api/v1/dead-letters/replay", request);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        if (response.StatusCode is HttpStatusCode.Accepted)
        {
            Assert.That(response.Headers.Location!.ToString(), Is.EqualTo($"/api/v1/replays/{body["id"]}"));
        }

        return (response.StatusCode, body);
    }

    /// <summary>Replays to the end, and gives the last status.</summary>
    public async Task<JsonNode> ReplayAsync(object request)
    {
        var (status, body) = await BeginAsync(request);
        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), body.ToJsonString());
        return await EndOfAsync(body["id"]!.GetValue<string>());
    }

    public async Task<JsonNode> EndOfAsync(string id)
    {
        JsonNode? status = null;
        await Eventually.HoldsAsync(async () => (status = await GetAsync($"/api/v1/replays/{id}"))["ended_at"] is not null, $"the end of replay {id}");
        return status!;
    }

    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await Gateway.Http.GetStringAsync(path))!;

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        Folder.Dispose();
    }
}
