using System.Globalization;
using System.Text;
using Gateway.Coap;
using Gateway.Devices;
using Gateway.Routing;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>
/// Answers devices that register, as OMA LwM2M 1.1 §6.2 has it, once their frame is safe: POST with <c>lt</c> (seconds) enters one, and the
/// answer's Location-Path is where a POST renews the entry and a DELETE ends it.
/// </summary>
internal sealed class Registrar(AddressBook addresses)
{
    // OMA LwM2M 1.1 §6.2.1: what holds when the device does not say. And 0 is for ever.
    private static readonly TimeSpan UsualLifetime = TimeSpan.FromDays(1);

    public async ValueTask<CoapResponse> AnswerAsync(DeviceRoute route, CoapRequest coap, UplinkRequest request, DeviceId device, CancellationToken cancellation)
    {
        if (!TryReadLifetime(request, out var lifetime))
        {
            return CoapResponse.Error(CoapCode.BadRequest, $"lt={request.Query["lt"]} is no number of seconds from 0 to {uint.MaxValue}");
        }

        if (route.Registration is RegistrationStep.Begin)
        {
            return await addresses.EnterAsync(device, request.Peer, lifetime ?? UsualLifetime, cancellation) is { } entry
                ? new CoapResponse(CoapCode.Created) { MoreOptions = [.. coap.Path.Append(entry.Location).Select(LocationPath)] }
                : UplinkFailure.NoRoomToRegister.ToResponse("as many devices are registered as may be");
        }

        var location = request.Variables[DeviceRoute.RegistrationVariable];
        if (coap.Method == CoapCode.Delete)
        {
            await addresses.EndAsync(location, cancellation);
            return new CoapResponse(CoapCode.Deleted);
        }

        return await addresses.RenewAsync(location, request.Peer, lifetime, cancellation) is null
            ? UplinkFailure.NotRegistered.ToResponse("this registration has ended; register again")
            : new CoapResponse(CoapCode.Changed);
    }

    private static CoapOption LocationPath(string segment) => new(OptionNumber.LocationPath, Encoding.UTF8.GetBytes(segment));

    private static bool TryReadLifetime(UplinkRequest request, out TimeSpan? lifetime)
    {
        lifetime = null;
        if (!request.Query.TryGetValue("lt", out var text))
        {
            return true;
        }

        if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return false;
        }

        lifetime = seconds == 0 ? TimeSpan.MaxValue : TimeSpan.FromSeconds(seconds);
        return true;
    }
}
