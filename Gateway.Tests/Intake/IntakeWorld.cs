using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Intake;
using Gateway.Journal;
using Gateway.Tests.Commands;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Intake;

/// <summary>A whole gateway with one intake and one device, "cellar", whose script says what it is told.</summary>
internal sealed class IntakeWorld : IAsyncDisposable
{
    public const string Device = "cellar";

    private readonly TempFolder _folder = new();
    private readonly string _section;

    private IntakeWorld(string section) => _section = section;

    public GatewayUnderTest Gateway { get; private set; } = null!;

    /// <param name="section">The intake "in" as gateway.json has it.</param>
    public static async Task<IntakeWorld> StartAsync(object section)
    {
        var world = new IntakeWorld(JsonSerializer.Serialize(section));
        world._folder.Write("scripts/json.csx", CommandsUnderTest.Script);
        await world.StartAsync();
        await world.SpeakAsync("hello");
        return world;
    }

    public static string Say(string? requestId, string text = "hi", string? device = Device) => new JsonObject
    {
        ["request_id"] = requestId,
        ["device_id"] = device,
        ["command_type"] = "say",
        ["payload"] = new JsonObject { ["text"] = text },
    }.ToJsonString();

    public async Task StartAsync(params string[] sets) =>
        Gateway = await GatewayUnderTest.StartAsync(_folder, null, [$"intake.in={_section}", "coap.peer_requests_per_second=0", .. sets]);

    /// <summary>Stops the gateway, does something, and starts it on what it left.</summary>
    public async Task RestartAsync(Func<Task> between, params string[] sets)
    {
        await Gateway.DisposeAsync();
        await between();
        await StartAsync(sets);
    }

    public Task ConnectedAsync(int times = 1) => Gateway.LoggedAsync("is connected, and takes commands", times);

    /// <summary>The device speaks; what its answer carries.</summary>
    public async Task<string> SpeakAsync(string text) =>
        Encoding.UTF8.GetString((await Gateway.SendAsync(CoapCode.Post, $"/devices/{Device}/data", Encoding.UTF8.GetBytes(text))).Payload.Span);

    /// <summary>The commands that the gateway knows, the oldest first, once there are so many.</summary>
    public async Task<IReadOnlyList<string>> CommandsAsync(int count)
    {
        List<string> ids = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                var page = JsonNode.Parse(await Gateway.Http.GetStringAsync("/api/v1/commands"))!;
                ids = [.. page["items"]!.AsArray().Select(item => item!["request_id"]!.GetValue<string>()).Reverse()];
                return ids.Count >= count;
            },
            $"{count} commands");
        return ids;
    }

    /// <summary>The dead letters of the intake, once there are so many.</summary>
    public async Task<IReadOnlyList<JournalRecord>> DeadLettersAsync(int count)
    {
        IReadOnlyList<JournalRecord> letters = [];
        await Eventually.HoldsAsync(
            () => (letters = [.. Gateway.Journal.Read(0, 10_000).Where(record => record.Kind is JournalRecordKind.Failure)]).Count >= count,
            $"{count} dead letters");
        return letters;
    }

    /// <summary>What HTTP answers to the same command, without what belongs to HTTP alone.</summary>
    public async Task<string> ProblemOfHttpAsync(string command)
    {
        using var content = new StringContent(command, Encoding.UTF8, "application/json");
        using var answer = await Gateway.Http.PostAsync("/api/v1/commands", content);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
        problem.Remove("trace_id");
        problem.Remove("traceId");
        return problem.ToJsonString();
    }

    public IntakeStatus Status => Gateway.Services.GetRequiredService<IntakeService>().Status.Single();

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _folder.Dispose();
    }
}
