BEGIN TRANSACTION;
CREATE TABLE application_versions (
    version_id TEXT NOT NULL PRIMARY KEY,
    version_name TEXT NOT NULL UNIQUE,
    version_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL);
INSERT INTO "application_versions" VALUES('7aff0b82-7b49-4832-8d45-7965c4e52a1f','1',1796086253000,1796086253000,'easel');
CREATE TABLE dbos_migrations (version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO "dbos_migrations" VALUES(125);
CREATE TABLE notifications (
    message_uuid TEXT NOT NULL DEFAULT (hex(randomblob(16))) PRIMARY KEY,
    destination_uuid TEXT NOT NULL,
    topic TEXT,
    message TEXT NOT NULL,
    created_at_epoch_ms INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000), "serialization" TEXT DEFAULT NULL, "consumed" BOOLEAN NOT NULL DEFAULT FALSE, consumed_by_function_id INTEGER,
    FOREIGN KEY (destination_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE "operation_outputs" (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    function_name TEXT NOT NULL DEFAULT '',
    output TEXT,
    error TEXT,
    child_workflow_id TEXT,
    started_at_epoch_ms INTEGER,
    completed_at_epoch_ms INTEGER,
    serialization TEXT,
    application_name TEXT DEFAULT NULL,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    PRIMARY KEY (workflow_uuid, function_id)
);
INSERT INTO "operation_outputs" VALUES('1572582134382592004',1,'draw','"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.0020472619999054587,\"cost\":52730,\"unclear_calls\":0}"',NULL,NULL,1796086253304,1796086253309,'portable_json','easel',1796086253000);
INSERT INTO "operation_outputs" VALUES('1572582134382592006',1,'draw','"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.002838343000121313,\"cost\":52730,\"unclear_calls\":0}"',NULL,NULL,1796086253315,1796086253320,'portable_json','easel',1796086253000);
INSERT INTO "operation_outputs" VALUES('1572582134382592005',1,'draw','"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.00740301299993007,\"cost\":52730,\"unclear_calls\":0}"',NULL,NULL,1796086253311,1796086253328,'portable_json','easel',1796086253000);
INSERT INTO "operation_outputs" VALUES('1572582134382592007',1,'draw','"{\"failed\":\"\",\"formats\":[\"png\",\"png\"],\"filtered\":1,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.002880564999941271,\"cost\":52730,\"unclear_calls\":0}"',NULL,NULL,1796086253322,1796086253328,'portable_json','easel',1796086253000);
INSERT INTO "operation_outputs" VALUES('1572582134382592009',1,'draw','"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.004835250000041924,\"cost\":52730,\"unclear_calls\":0}"',NULL,NULL,1796086253334,1796086253345,'portable_json','easel',1796086253000);
INSERT INTO "operation_outputs" VALUES('1572582134382592008',1,'draw','"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.013296338999907675,\"cost\":52730,\"unclear_calls\":1}"',NULL,NULL,1796086253327,1796086253346,'portable_json','easel',1796086253000);
INSERT INTO "operation_outputs" VALUES('1572582134382592010',1,'draw','"{\"failed\":\"PromptRefused\",\"formats\":[],\"filtered\":0,\"archived\":true,\"deployment\":\"\",\"request_id\":\"\",\"seconds\":0.0,\"cost\":0,\"unclear_calls\":0}"',NULL,NULL,1796086253339,1796086253355,'portable_json','easel',1796086253000);
INSERT INTO "operation_outputs" VALUES('1572582134382592011',1,'draw','"{\"failed\":\"PromptRefused\",\"formats\":[],\"filtered\":0,\"archived\":true,\"deployment\":\"\",\"request_id\":\"\",\"seconds\":0.0,\"cost\":0,\"unclear_calls\":0}"',NULL,NULL,1796086253344,1796086253359,'portable_json','easel',1796086253000);
INSERT INTO "operation_outputs" VALUES('1572582134382592012',1,'draw','"{\"failed\":\"ServiceFailed\",\"formats\":[],\"filtered\":0,\"archived\":true,\"deployment\":\"\",\"request_id\":\"\",\"seconds\":0.0,\"cost\":0,\"unclear_calls\":2}"',NULL,NULL,1796086253358,1796086253372,'portable_json','easel',1796086253000);
INSERT INTO "operation_outputs" VALUES('1572582134382592018',1,'draw','"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.0017675870001312433,\"cost\":52730,\"unclear_calls\":0}"',NULL,NULL,1796086254257,1796086254261,'portable_json','easel',1796086254000);
INSERT INTO "operation_outputs" VALUES('1572582134382592020',1,'draw','"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.001097334999940358,\"cost\":52730,\"unclear_calls\":0}"',NULL,NULL,1796086254275,1796086254277,'portable_json','easel',1796086254000);
INSERT INTO "operation_outputs" VALUES('1572582134382592021',1,'draw','"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.0012398460000895284,\"cost\":52730,\"unclear_calls\":0}"',NULL,NULL,1796086254290,1796086254293,'portable_json','easel',1796086254000);
INSERT INTO "operation_outputs" VALUES('1572582134382592021 again fe7eef46b64c42a4937c4f333d017531',1,'draw','"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"\",\"request_id\":\"\",\"seconds\":0.0,\"cost\":52975,\"unclear_calls\":0}"',NULL,NULL,1796086255168,1796086255171,'portable_json','easel',1796086255000);
INSERT INTO "operation_outputs" VALUES('1572582134382592019',1,'draw','"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"\",\"request_id\":\"\",\"seconds\":0.0,\"cost\":52935,\"unclear_calls\":0}"',NULL,NULL,1796086256364,1796086256366,'portable_json','easel',1796086256000);
CREATE TABLE queues (
    queue_id TEXT PRIMARY KEY DEFAULT (hex(randomblob(16))),
    name TEXT NOT NULL UNIQUE,
    concurrency INTEGER,
    worker_concurrency INTEGER,
    rate_limit_max INTEGER,
    rate_limit_period_sec REAL,
    priority_enabled BOOLEAN NOT NULL DEFAULT FALSE,
    partition_queue BOOLEAN NOT NULL DEFAULT FALSE,
    polling_interval_sec REAL NOT NULL DEFAULT 1.0,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL, "partition_concurrency" INTEGER DEFAULT NULL, "partition_worker_concurrency" INTEGER DEFAULT NULL, "partition_rate_limit_max" INTEGER DEFAULT NULL, "partition_rate_limit_period_sec" REAL DEFAULT NULL);
INSERT INTO "queues" VALUES('995F714865AE6719E0F81B8D9ACC9137','resumed by bot/1#2',NULL,NULL,NULL,NULL,1,0,0.2,1796086255000,1796086256376,'easel',NULL,NULL,NULL,NULL);
CREATE TABLE streams (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    "offset" INTEGER NOT NULL, function_id INTEGER NOT NULL DEFAULT 0, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key, "offset"),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events_history (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, function_id, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid)
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_input (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    inputs TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
INSERT INTO "workflow_input" VALUES('1572582134382592002','{"namedArgs":{},"positionalArgs":["1572582134382592002","1572582134384592002"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592003','{"namedArgs":{},"positionalArgs":["1572582134382592003","1572582134384592003"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592004','{"namedArgs":{},"positionalArgs":["1572582134382592004","1572582134384592004"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592005','{"namedArgs":{},"positionalArgs":["1572582134382592005","1572582134384592005"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592006','{"namedArgs":{},"positionalArgs":["1572582134382592006",""]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592007','{"namedArgs":{},"positionalArgs":["1572582134382592007","1572582134384592007"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592008','{"namedArgs":{},"positionalArgs":["1572582134382592008","1572582134384592008"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592009','{"namedArgs":{},"positionalArgs":["1572582134382592009","1572582134384592009"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592010','{"namedArgs":{},"positionalArgs":["1572582134382592010","1572582134384592010"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592011','{"namedArgs":{},"positionalArgs":["1572582134382592011","1572582134384592011"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592012','{"namedArgs":{},"positionalArgs":["1572582134382592012","1572582134384592012"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592013','{"namedArgs":{},"positionalArgs":["1572582134382592013","1572582134384592013"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592014','{"namedArgs":{},"positionalArgs":["1572582134382592014","1572582134384592014"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592015','{"namedArgs":{},"positionalArgs":["1572582134382592015","1572582134384592015"]}',1796086253000);
INSERT INTO "workflow_input" VALUES('1572582134382592016','{"namedArgs":{},"positionalArgs":["1572582134382592016","1572582134384592016"]}',1796086254000);
INSERT INTO "workflow_input" VALUES('1572582134382592017','{"namedArgs":{},"positionalArgs":["1572582134382592017","1572582134384592017"]}',1796086254000);
INSERT INTO "workflow_input" VALUES('1572582134382592018','{"namedArgs":{},"positionalArgs":["1572582134382592018","1572582134384592018"]}',1796086254000);
INSERT INTO "workflow_input" VALUES('1572582134382592019','{"namedArgs":{},"positionalArgs":["1572582134382592019","1572582134384592019"]}',1796086254000);
INSERT INTO "workflow_input" VALUES('1572582134382592020','{"namedArgs":{},"positionalArgs":["1572582134382592020","1572582134384592020"]}',1796086254000);
INSERT INTO "workflow_input" VALUES('1572582134382592021','{"namedArgs":{},"positionalArgs":["1572582134382592021","1572582134384592021"]}',1796086254000);
INSERT INTO "workflow_input" VALUES('1572582134382592022','{"namedArgs":{},"positionalArgs":["1572582134382592022","1572582134384592022"]}',1796086254000);
INSERT INTO "workflow_input" VALUES('1572582134382592020 again 8096fdeabfb5459bbf932a3b4aa7f144','{"namedArgs":{},"positionalArgs":["1572582134382592020",""]}',1796086255000);
INSERT INTO "workflow_input" VALUES('1572582134382592021 again fe7eef46b64c42a4937c4f333d017531','{"namedArgs":{},"positionalArgs":["1572582134382592021",""]}',1796086255000);
CREATE TABLE workflow_output (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    output TEXT,
    error TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
INSERT INTO "workflow_output" VALUES('1572582134382592020','null',NULL,1796086254000);
INSERT INTO "workflow_output" VALUES('1572582134382592021','null',NULL,1796086254000);
CREATE TABLE workflow_schedules (
    schedule_id TEXT PRIMARY KEY,
    schedule_name TEXT NOT NULL UNIQUE,
    workflow_name TEXT NOT NULL,
    workflow_class_name TEXT,
    schedule TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'ACTIVE',
    context TEXT NOT NULL
, "last_fired_at" TEXT DEFAULT NULL, "automatic_backfill" BOOLEAN NOT NULL DEFAULT FALSE, "cron_timezone" TEXT DEFAULT NULL, "queue_name" TEXT DEFAULT NULL, "application_name" TEXT DEFAULT NULL);
CREATE TABLE workflow_status (
    workflow_uuid TEXT PRIMARY KEY,
    status TEXT,
    name TEXT,
    authenticated_user TEXT,
    assumed_role TEXT,
    authenticated_roles TEXT,
    request TEXT,
    output TEXT,
    error TEXT,
    executor_id TEXT,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    application_version TEXT,
    application_id TEXT,
    class_name TEXT DEFAULT NULL,
    config_name TEXT DEFAULT NULL,
    recovery_attempts INTEGER DEFAULT 0,
    queue_name TEXT,
    workflow_timeout_ms INTEGER,
    workflow_deadline_epoch_ms INTEGER,
    inputs TEXT,
    started_at_epoch_ms INTEGER,
    deduplication_id TEXT,
    priority INTEGER NOT NULL DEFAULT 0
, queue_partition_key TEXT, forked_from TEXT, "owner_xid" TEXT DEFAULT NULL, "parent_workflow_id" TEXT DEFAULT NULL, "serialization" TEXT DEFAULT NULL, "delay_until_epoch_ms" BIGINT DEFAULT NULL, "was_forked_from" BOOLEAN NOT NULL DEFAULT FALSE, "rate_limited" BOOLEAN NOT NULL DEFAULT FALSE, "completed_at" BIGINT, "attributes" TEXT, "schedule_name" TEXT, "debounce_deadline_epoch_ms" BIGINT DEFAULT NULL, "is_debounced" BOOLEAN NOT NULL DEFAULT FALSE, "application_name" TEXT DEFAULT NULL, "creator_xid" TEXT DEFAULT NULL);
INSERT INTO "workflow_status" VALUES('1572582134382592002','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'fff8838f-b68d-4a5c-8ff6-a724f9f24f54',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','fff8838f-b68d-4a5c-8ff6-a724f9f24f54');
INSERT INTO "workflow_status" VALUES('1572582134382592003','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'7844222c-ca31-4cab-b904-02f0140011af',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','7844222c-ca31-4cab-b904-02f0140011af');
INSERT INTO "workflow_status" VALUES('1572582134382592004','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'61f0426f-bcdd-4efe-a14f-e056d8568817',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','61f0426f-bcdd-4efe-a14f-e056d8568817');
INSERT INTO "workflow_status" VALUES('1572582134382592005','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'779933f0-580e-4422-bde8-ce6ddec1aeb6',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','779933f0-580e-4422-bde8-ce6ddec1aeb6');
INSERT INTO "workflow_status" VALUES('1572582134382592006','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'f8a671f1-87e1-4a2e-8a0a-631c9205cc35',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','f8a671f1-87e1-4a2e-8a0a-631c9205cc35');
INSERT INTO "workflow_status" VALUES('1572582134382592007','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'a0559ccd-6b88-4253-98bf-cec7cd84dc0c',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','a0559ccd-6b88-4253-98bf-cec7cd84dc0c');
INSERT INTO "workflow_status" VALUES('1572582134382592008','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'f74230a3-33eb-4440-894f-8612eaacbfd2',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','f74230a3-33eb-4440-894f-8612eaacbfd2');
INSERT INTO "workflow_status" VALUES('1572582134382592009','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'52619a41-80e3-440f-8ff0-0629481cc3c2',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','52619a41-80e3-440f-8ff0-0629481cc3c2');
INSERT INTO "workflow_status" VALUES('1572582134382592010','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'cbd22f00-3683-4c46-a230-c0e8f966a9fc',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','cbd22f00-3683-4c46-a230-c0e8f966a9fc');
INSERT INTO "workflow_status" VALUES('1572582134382592011','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'7ff7ac2d-1b95-427f-b1b7-3bccf62c8df3',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','7ff7ac2d-1b95-427f-b1b7-3bccf62c8df3');
INSERT INTO "workflow_status" VALUES('1572582134382592012','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'3a40433b-9511-4a99-8884-e5b8f113f4e7',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','3a40433b-9511-4a99-8884-e5b8f113f4e7');
INSERT INTO "workflow_status" VALUES('1572582134382592013','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'6185fff0-cf3c-4f8c-8e96-5e8bb4d7546e',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','6185fff0-cf3c-4f8c-8e96-5e8bb4d7546e');
INSERT INTO "workflow_status" VALUES('1572582134382592014','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'07432a59-7fa0-457e-ac14-0536e7acfd44',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','07432a59-7fa0-457e-ac14-0536e7acfd44');
INSERT INTO "workflow_status" VALUES('1572582134382592015','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/0#1',1796086253000,1796086253000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'90c0aeb3-f9b0-42e2-84f8-2acb52af0ee5',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','90c0aeb3-f9b0-42e2-84f8-2acb52af0ee5');
INSERT INTO "workflow_status" VALUES('1572582134382592016','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/1#2',1796086254000,1796086256000,'1','',NULL,NULL,1,'resumed by bot/1#2',NULL,NULL,NULL,1796086256000,NULL,0,NULL,NULL,'6a51c396-0cf9-4234-be4a-4ababea6a5df',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','72156183-ab53-4378-8a33-fb7012bf4c6b');
INSERT INTO "workflow_status" VALUES('1572582134382592017','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/1#1',1796086254000,1796086254000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'7621c13b-994b-4d27-9be8-b24830e55a3b',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','7621c13b-994b-4d27-9be8-b24830e55a3b');
INSERT INTO "workflow_status" VALUES('1572582134382592018','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/1#2',1796086254000,1796086256000,'1','',NULL,NULL,1,'resumed by bot/1#2',NULL,NULL,NULL,1796086256000,NULL,0,NULL,NULL,'6a51c396-0cf9-4234-be4a-4ababea6a5df',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','901980c6-58c0-4b92-b446-02f9e8b5673c');
INSERT INTO "workflow_status" VALUES('1572582134382592019','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/1#2',1796086254000,1796086256000,'1','',NULL,NULL,1,'resumed by bot/1#2',NULL,NULL,NULL,1796086256000,NULL,0,NULL,NULL,'6a51c396-0cf9-4234-be4a-4ababea6a5df',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','806c135a-b465-4e4f-9650-c9dc1ba37d20');
INSERT INTO "workflow_status" VALUES('1572582134382592020','SUCCESS','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/1#1',1796086254000,1796086254000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796086254000,'null',NULL,NULL,0,'easel','37c6991b-8f0b-4f8b-8329-b59b4ab6ac12');
INSERT INTO "workflow_status" VALUES('1572582134382592021','SUCCESS','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/1#1',1796086254000,1796086254000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796086254000,'null',NULL,NULL,0,'easel','5d9e0000-0828-486e-9f33-dd5548ce2fde');
INSERT INTO "workflow_status" VALUES('1572582134382592022','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/1#2',1796086254000,1796086256000,'1','',NULL,NULL,1,'resumed by bot/1#2',NULL,NULL,NULL,1796086256000,NULL,0,NULL,NULL,'41b9a87c-c77a-4a4b-949c-2ba9a620a5ca',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','8207e72b-3770-413f-ba0f-d8fb8409e157');
INSERT INTO "workflow_status" VALUES('1572582134382592020 again 8096fdeabfb5459bbf932a3b4aa7f144','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/1#2',1796086255000,1796086255000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'0843f88c-ddf6-4bca-af71-725759707789',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','0843f88c-ddf6-4bca-af71-725759707789');
INSERT INTO "workflow_status" VALUES('1572582134382592021 again fe7eef46b64c42a4937c4f333d017531','PENDING','imagine.v1',NULL,NULL,NULL,NULL,NULL,NULL,'bot/1#2',1796086255000,1796086255000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'b6f3222c-ef07-496d-b332-be0e0afbe112',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'easel','b6f3222c-ef07-496d-b332-be0e0afbe112');
CREATE INDEX workflow_status_created_at_index ON workflow_status (created_at);
CREATE INDEX idx_workflow_topic ON notifications (destination_uuid, topic);
CREATE INDEX "idx_workflow_status_delayed" ON "workflow_status" ("delay_until_epoch_ms") WHERE status = 'DELAYED';
CREATE INDEX "idx_workflow_status_forked_from" ON "workflow_status" ("forked_from") WHERE "forked_from" IS NOT NULL;
CREATE INDEX "idx_workflow_status_parent_workflow_id" ON "workflow_status" ("parent_workflow_id") WHERE "parent_workflow_id" IS NOT NULL;
CREATE UNIQUE INDEX "uq_workflow_status_dedup_id" ON "workflow_status" ("queue_name", "deduplication_id") WHERE "deduplication_id" IS NOT NULL;
CREATE INDEX "idx_workflow_status_pending" ON "workflow_status" ("created_at") WHERE "status" = 'PENDING';
CREATE INDEX "idx_workflow_status_failed" ON "workflow_status" ("status", "created_at") WHERE "status" IN ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');
CREATE INDEX "idx_workflow_status_rate_limited" ON "workflow_status" ("queue_name", "started_at_epoch_ms") WHERE "rate_limited" = TRUE;
CREATE INDEX "idx_workflow_status_completed_at" ON "workflow_status" ("completed_at") WHERE "completed_at" IS NOT NULL;
CREATE INDEX "idx_workflow_status_started_at" ON "workflow_status" ("started_at_epoch_ms") WHERE "started_at_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_workflow_status_schedule_name" ON "workflow_status" ("schedule_name") WHERE "schedule_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_owner_version"
    ON application_versions ("application_name", "version_name")
    WHERE "application_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_unclaimed_version"
    ON application_versions ("version_name")
    WHERE "application_name" IS NULL;
CREATE INDEX idx_workflow_input_retention
    ON workflow_input (retention_timestamp);
CREATE INDEX idx_workflow_output_retention
    ON workflow_output (retention_timestamp);
CREATE INDEX idx_operation_outputs_retention
    ON operation_outputs (retention_timestamp);
CREATE INDEX "idx_workflow_status_in_flight_v2" ON "workflow_status" ("queue_name", "status", "priority", "created_at", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING');
CREATE INDEX "idx_workflow_status_partition_dequeue_v3" ON "workflow_status" ("queue_name", "status", "queue_partition_key", "priority", "created_at", "workflow_uuid", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING') AND "queue_partition_key" IS NOT NULL;
CREATE INDEX "idx_operation_outputs_completed_at_function_name_v2" ON "operation_outputs" ("completed_at_epoch_ms", "function_name", "application_name");
CREATE INDEX "idx_workflow_status_deadline" ON "workflow_status" ("workflow_deadline_epoch_ms") WHERE "status" IN ('ENQUEUED', 'PENDING', 'DELAYED') AND "workflow_deadline_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_application_versions_timestamp" ON "application_versions" ("version_timestamp" DESC);
CREATE INDEX "idx_application_versions_owner_timestamp" ON "application_versions" ("application_name", "version_timestamp" DESC);
COMMIT;
