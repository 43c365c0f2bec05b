using Gateway.Coap;
using Gateway.Commands;

namespace Gateway.Uplink;

/// <summary>What becomes of a request: what is kept of it before it is answered, and what it is answered then. Whoever has it ends the exchange.</summary>
internal readonly record struct UplinkDecision
{
    /// <summary>What is kept; null when nothing is.</summary>
    public Frame? Frame { get; init; }

    /// <summary>The steps of the device's commands, to be kept with the frame; null when there are none.</summary>
    public CommandExchange? Exchange { get; init; }

    /// <summary>As what the request is refused; null when it is not.</summary>
    public UplinkFailure? Refusal { get; init; }

    /// <summary>Why it is not taken for its device's; null when it is.</summary>
    public ProofFailure? Unproven { get; init; }

    /// <summary>Whether it is from a device that has been let in.</summary>
    public bool IsFromActive { get; init; }

    /// <summary>Whether the request is a device's registration, which is answered when the frame is kept.</summary>
    public bool Registers { get; init; }

    /// <summary>What the device is told of a refusal.</summary>
    public string? Problem { get; init; }

    /// <summary>The answer of a request that is not refused.</summary>
    public CoapResponse Answer { get => field ?? throw new InvalidOperationException("the request is refused"); init; }

    public static UplinkDecision Keep(Frame frame, CoapResponse answer) => new() { Frame = frame, Answer = answer };

    public static UplinkDecision Refuse(UplinkFailure failure, string problem) => new() { Refusal = failure, Problem = problem };

    public static UplinkDecision Refuse(ProofFailure unproven) => new() { Unproven = unproven };

    public static UplinkDecision Say(CoapResponse answer) => new() { Answer = answer };
}
