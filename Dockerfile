# standalone/ as a container: everything in one process, or some Roles of it (docs/operations.md#container).
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# linux-arm64 for such a machine.
ARG RID=linux-x64
WORKDIR /source
COPY . .
RUN dotnet publish standalone -c Release -r "$RID" --self-contained false -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
# Clears the image's own HTTP_PORTS, because the web server would warn about two settings.
ENV ASPNETCORE_URLS=http://+:8080 ASPNETCORE_HTTP_PORTS=
EXPOSE 8080
USER $APP_UID
ENTRYPOINT ["dotnet", "Modeldrop.Standalone.dll"]
